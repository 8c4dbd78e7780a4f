// A search on disk, so that it can be killed at any moment and go on later. A file is written beside and renamed over the old
// one: whatever happens, there is one whole checkpoint.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { fingerprint } from "../../engine/schedule/schedule.ts";
import type { Plan } from "../../engine/explore/exploration.ts";
import type { SavedSearch } from "../../scenario/explore/explore.ts";
import { errors } from "../shared/errors.ts";

const FORMAT = "lockbreak exploration 1";

declare const __VERSION__: string;

/** What was searched, by kernel. */
export interface Saved {
  /** The version of Lockbreak: another one may come to something else. */
  readonly lockbreak: string;
  /** fingerprintOfSearch() of the scenario. */
  readonly scenario: string;
  readonly plan: Plan;
  readonly kernels: Readonly<Record<string, SavedSearch>>;
}

/** Puts a checkpoint in the place of the one in `file`. Throws a UserError if that cannot be written. */
export function writeCheckpoint(file: string, what: Omit<Saved, "lockbreak">): void {
  const text = JSON.stringify({ lockbreak: __VERSION__, ...what } satisfies Saved);
  const beside = `${file}.tmp`;
  try {
    const descriptor = openSync(beside, "w");
    try {
      writeSync(descriptor, `${FORMAT} ${fingerprint(text)}\n${text}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(beside, file);
  } catch (error) {
    throw errors.unwritable(file, why(error));
  }
}

/** The checkpoint in `file`; null if there is no such file. Throws a UserError if it is about something else, or damaged. */
export function readCheckpoint(file: string, scenario: string, plan: Plan): Saved | null {
  if (!existsSync(file)) return null;
  const [head, text] = read(file).split("\n");
  if (text === undefined || head !== `${FORMAT} ${fingerprint(text)}`) throw errors.bad_state(file);
  const saved = JSON.parse(text) as Saved;
  if (saved.lockbreak !== __VERSION__ || saved.scenario !== scenario || searchOf(saved.plan) !== searchOf(plan)) throw errors.other_state(file);
  return saved;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw errors.unreadable(file, why(error));
  }
}

function why(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** What makes it another search: not how far it may go. */
function searchOf(plan: Plan): string {
  return JSON.stringify({ ...plan, executions: null });
}
