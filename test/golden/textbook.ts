// Compares the examples that show recordings with those: the same calls, checks, blocks, breaks and restarts, in the same
// order, in pages instead of addresses.

import { PAGE_SIZE } from "../../src/engine/kernel/common/arch.ts";
import type { Task } from "../../src/engine/machine/task.ts";
import { TRACEPOINTS, type TraceEvent, type TracepointName } from "../../src/engine/machine/trace.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import { EXAMPLES, type Example } from "../examples.ts";
import { parseExactJson } from "./exact-json.ts";

type Events = readonly (readonly [string, ...(string | number)[]])[];

/** A recording, as far as this is concerned. */
interface Recording {
  readonly expected: readonly { readonly configs: readonly string[]; readonly events: Events }[];
}

/** The examples by the recordings that they show: the first word of their first comment. */
export const TEXTBOOK: ReadonlyMap<string, Example> = new Map(
  EXAMPLES.filter(({ name }) => name.startsWith("textbook/")).map((example) => [/^\/\/ (\w+)/.exec(example.text)?.[1] ?? "", example]),
);

/** What the recordings call the kernels. */
const VERSIONS: Readonly<Record<string, string>> = { vmtrunc4: "4of6", vmtrunc5: "5of6", "2.6.11": "2.6.11" };

/** Null if the example does what the recording says, up to the finding in which it may end; else what differs first. */
export function compareTextbook({ text }: Example, recording: string): string | null {
  const { program } = parseScenario(text);
  if (program === undefined) return "the example has mistakes";
  const config = `${VERSIONS[program.kernel]!}/preempt`;
  // The format is the recordings' own; a file that does not follow it shows up as a difference.
  const { expected } = parseExactJson(recording) as unknown as Recording;
  const wanted = expected
    .find(({ configs }) => configs.includes(config))!
    .events.map(recorded)
    .filter((line) => line !== null);
  const { lines, ends_in_bug } = run(new Simulation(program));
  const at = lines.findIndex((line, place) => line !== wanted[place]);
  if (at >= 0) return `event ${at + 1} is '${lines[at]!}' instead of '${wanted[at] ?? "nothing"}'`;
  if (lines.length === 0 || (lines.length < wanted.length && !ends_in_bug)) return `it ends before '${wanted[lines.length]!}'`;
  return null;
}

/** An event of a recording as a line; null if it is of no interest here. */
function recorded([name, ...args]: Events[number]): string | null {
  const pages = (Number(args[2]) - Number(args[1])) / PAGE_SIZE;
  if (name === "enter" || name === "zap") return `${name} ${pages}`;
  if (name === "chk") return `check ${args[0]!} ${args[2]!}`;
  return ["call", "resume", "break_addr", "save", "continue", "skip", "done", "rescan"].includes(name) ? name : null;
}

/** What unmap_mapping_range does in a whole run, in the same lines. */
function run({ machine }: Simulation): { lines: string[]; ends_in_bug: boolean } {
  const lines: string[] = [];
  const unmapping = new Set<Task | null>();
  for (const name of Object.keys(TRACEPOINTS) as TracepointName[]) {
    (machine.sinks[name] ??= []).push((event) => {
      if (machine.time_frozen) return;
      if (name === "unmap_begin") unmapping.add(event.task);
      const line = unmapping.has(event.task) ? lineOf(event, event.cpu === machine.helper_cpu.id) : null;
      if (line !== null) lines.push(line);
      if (name === "unmap_end") unmapping.delete(event.task);
    });
  }
  return { lines, ends_in_bug: machine.run(Infinity).kind === "bug" };
}

/** The checks of a call that was made in a window are not in the recordings. */
function lineOf({ name, args }: TraceEvent, inWindow: boolean): string | null {
  const pages = (Number(args["end"]) - Number(args["start"])) / PAGE_SIZE;
  switch (name) {
    case "unmap_begin":
      return "call";
    case "vma_enter":
      return `enter ${pages}`;
    case "zap_block":
      return `zap ${pages}`;
    case "resched_check":
      return inWindow ? null : `check R ${Number(args["value"])}`;
    case "lockbreak_check":
      return inWindow
        ? null
        : `check ${(args["lock"] as { name: string }).name.endsWith("i_mmap_lock") ? "I" : "P"} ${Number(args["value"])}`;
    case "vma_resume":
      return "resume";
    case "break_addr":
      return "break_addr";
    case "restart_save":
      return "save";
    case "vma_continue":
      return "continue";
    case "vma_skip":
      return "skip";
    case "vma_complete":
      return "done";
    case "restart":
      return "rescan";
    default:
      return null;
  }
}
