// Checkpoints of a search on disk, so that it can be killed at any moment and resumed later. A new checkpoint is written beside the
// old one and renamed over it: at every moment there is one complete checkpoint.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { fingerprint } from "../../engine/schedule/schedule.ts";
import type { Plan } from "../../engine/explore/exploration.ts";
import type { SearchState } from "../../scenario/explore/scenario-search.ts";
import { cliErrors } from "../shared/errors.ts";

const FORMAT = "lockbreak exploration 3";

declare const __VERSION__: string;

/** The states of the searches, by kernel. */
export interface Checkpoint {
  /** The version of Lockbreak: another one may search differently. */
  readonly lockbreak: string;
  /** searchFingerprint() of the scenario. */
  readonly scenario: string;
  readonly plan: Plan;
  readonly kernels: Readonly<Record<string, SearchState>>;
}

/** Replaces the checkpoint in `file`. Throws a UserError if the file cannot be written. */
export function writeCheckpoint(file: string, checkpoint: Omit<Checkpoint, "lockbreak">): void {
  const text = JSON.stringify({ lockbreak: __VERSION__, ...checkpoint } satisfies Checkpoint);
  const temporary = `${file}.tmp`;
  try {
    const descriptor = openSync(temporary, "w");
    try {
      writeSync(descriptor, `${FORMAT} ${fingerprint(text)}\n${text}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    throw cliErrors.unwritable(file, errorCode(error));
  }
}

/** The checkpoint in `file`; null if there is no such file. Throws a UserError if it is one of another search, or damaged. */
export function readCheckpoint(file: string, scenario: string, plan: Plan): Checkpoint | null {
  if (!existsSync(file)) return null;
  const [head, text] = read(file).split("\n");
  if (text === undefined || head !== `${FORMAT} ${fingerprint(text)}`) throw cliErrors.badState(file);
  const saved = JSON.parse(text) as Checkpoint;
  if (saved.lockbreak !== __VERSION__ || saved.scenario !== scenario || searchIdentity(saved.plan) !== searchIdentity(plan))
    throw cliErrors.otherState(file);
  return saved;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw cliErrors.unreadable(file, errorCode(error));
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** Identifies the search of a plan: every field except the limit of executions, which may differ. */
function searchIdentity(plan: Plan): string {
  return JSON.stringify({ ...plan, executions: null });
}
