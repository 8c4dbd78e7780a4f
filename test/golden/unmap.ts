// Runs a recording of unmap_mapping_range (unmap/*.json, unmap-later/*.json) against the model: every event and the final state.

import { x86_64 } from "../../src/engine/kernel/common/arch.ts";
import type { KernelName } from "../../src/engine/kernel/variants.ts";
import { parseExactJson } from "./exact-json.ts";
import type { Final } from "./unmap-final.ts";
import { Recorder, type Input } from "./unmap-recorder.ts";

export type { Input } from "./unmap-recorder.ts";

interface Recording {
  readonly name: string;
  readonly input: Input;
  readonly expected: readonly { readonly configs: readonly string[]; readonly events: readonly unknown[]; readonly final: unknown }[];
}

/** Which kernel a recording's version is. */
const KERNELS: Readonly<Record<string, KernelName>> = {
  "4of6": "vmtrunc4",
  "5of6": "vmtrunc5",
  "2.6.11": "2.6.11",
  "2.6.38": "2.6.38",
  "3.0": "3.0",
};

export interface UnmapResult {
  readonly config: string;
  /** Null if events and final state are as recorded; else what differs first, with its surroundings. */
  readonly mismatch: string | null;
}

/** Runs one recording in all configurations that `wanted` accepts and whose kernel the model has. */
export function runUnmapRecording(text: string, wanted: (config: string) => boolean): UnmapResult[] {
  // The format is the recordings' own; a file that does not follow it shows up as a mismatch.
  const recording = parseExactJson(text) as unknown as Recording;
  return recording.expected.flatMap(({ configs, events, final }) =>
    configs
      .filter((config) => wanted(config) && KERNELS[config.split("/")[0]!] !== undefined)
      .map((config) => {
        const [version, preempt] = config.split("/");
        const actual = replay(recording.input, KERNELS[version!]!, preempt === "preempt");
        const differs = (want: unknown): string | null =>
          difference("final state", comparable(recording, want), comparable(recording, actual.final));
        return { config, mismatch: compare(events, actual.events) ?? differs(final) };
      }),
  );
}

/** Does what a recording does on any kernel: the events and the final state, as a recording writes them. */
export function replay(input: Input, kernel: KernelName, preempt: boolean): { events: unknown[][]; final: Final } {
  return new Recorder(input, kernel, preempt).run();
}

/**
 * What of a final state is compared. The recordings of unmap/ imitated fork, and kept accessed and dirty bits that the original does not
 * keep: how many pages are marked by them is left out where a command forks.
 */
function comparable({ input }: Recording, final: unknown): unknown {
  const commands = [...input.steps, ...Object.values(input.windows ?? {}).flat()];
  if (!commands.some(([name]) => name === "fork")) return final;
  const { totals, ...state } = final as { readonly totals: Readonly<Record<string, unknown>> };
  return { ...state, totals: { ...totals, set_dirty: null, marked_accessed: null } };
}

function compare(expected: readonly unknown[], actual: readonly unknown[]): string | null {
  for (let at = 0; at < Math.max(expected.length, actual.length); at++) {
    const [want, got] = [show(expected[at]), show(actual[at])];
    if (want === got) continue;
    const before = expected.slice(Math.max(0, at - 3), at).map((event) => `\n      ${show(event)}`);
    return `event ${at + 1}:${before.join("")}\n    - ${want}\n    + ${got}`;
  }
  return null;
}

function difference(path: string, want: unknown, got: unknown): string | null {
  if (typeof want === "object" && want !== null && typeof got === "object" && got !== null) {
    for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) {
      const inner = difference(`${path}.${key}`, (want as Record<string, unknown>)[key], (got as Record<string, unknown>)[key]);
      if (inner !== null) return inner;
    }
    return null;
  }
  return show(want) === show(got) ? null : `${path}:\n    - ${show(want)}\n    + ${show(got)}`;
}

/** A value of an event or of the final state as text; integers beyond 2^53 as they are, and 2^64 as the model's ULONG_MAX. */
function show(value: unknown): string {
  if (value === undefined) return "(nothing)";
  const exact = (inner: unknown): unknown => {
    if (inner === x86_64.word.ULONG_MAX) return String(2n ** 64n - 1n);
    return typeof inner === "bigint" ? (Number.isSafeInteger(Number(inner)) ? Number(inner) : String(inner)) : inner;
  };
  return JSON.stringify(value, (_key, inner: unknown) => exact(inner)).replace(/"(\d+)"/g, "$1");
}
