// The inspect commands: they show the state of a run and do not move it.

import { AddressSpace, MmStruct, type VmArea } from "../engine/kernel/common/mm_types.ts";
import type { ReplayJob, Recording } from "../engine/replay/recording.ts";
import { read_memory } from "../engine/observe/memory_view.ts";
import type { Statement } from "../scenario/program/program.ts";
import type { Value } from "../scenario/index.ts";
import type { Simulation } from "../scenario/run/simulation.ts";
import { unwrap } from "../scenario/run/kernel-values.ts";
import { CommandError, parseWholeNumber, type CommandDescription } from "./command.ts";
import { format_hex } from "./format.ts";
import { UNSTYLED } from "./text-style.ts";
import { lockStatLines, mapsLine, smapsLines } from "./proc.ts";
import { lockTable, vmaTable } from "./table-formatters.ts";
import { Timeline, type StatementText } from "./timeline.ts";
import { recentEvents } from "./recent-events.ts";
import { prioTreeLines } from "./prio-tree.ts";

/** A line of output. */
export interface OutputLine {
  readonly text: string;
  /** The line of the scenario to which it refers. */
  readonly line?: number;
}

/** What an inspect command inspects. */
export interface InspectContext {
  readonly recording: Recording<Simulation>;
  /** The value of an expression. Throws a CommandError if it has none. */
  evaluate(text: string): Value;
  readonly statementText: StatementText;
}

export interface InspectCommand extends CommandDescription {
  inspect(view: InspectContext, argument: string): ReplayJob<OutputLine[]>;
}

const MAX_EVENTS = 1_000;
const DEFAULT_EVENTS = 20;
/** Words that `x` shows, and in one line. */
const MAX_WORDS = 1_024;
const WORDS_A_LINE = 4;

export const INSPECT_COMMANDS: readonly InspectCommand[] = [
  {
    names: ["info"],
    usage: "info vmas [OF] | locks | tree FILE | trace [N]",
    doc: "list vmas (those of a file or a process) or locks, draw a file's priority search tree, or show the last N events",
    inspect: info,
  },
  {
    names: ["maps"],
    usage: "maps PROCESS",
    doc: "show /proc/PID/maps of a process",
    inspect: immediately(({ recording: { system }, evaluate }, text) =>
      outputLines(vmaLines(resolveMm(evaluate, text, "maps PROCESS"), (vma) => [mapsLine(system.system.kernel, vma)])),
    ),
  },
  {
    names: ["smaps"],
    usage: "smaps PROCESS",
    doc: "show /proc/PID/smaps of a process",
    inspect: immediately(({ recording: { system }, evaluate }, text) => {
      const mm = resolveMm(evaluate, text, "smaps PROCESS");
      return outputLines(vmaLines(mm, (vma) => smapsLines(system.system.kernel, mm, vma)));
    }),
  },
  {
    names: ["lockstat"],
    doc: "show how long locks were held and waited for, in columns of /proc/lock_stat",
    inspect: immediately(({ recording: { system } }) => outputLines(lockStatLines(system.statistics.summary().locks))),
  },
  {
    names: ["x"],
    usage: "x/N ADDRESS",
    doc: "show N words of a page table or of struct pages, from an address of the model's memory on",
    inspect: immediately(examine),
  },
];

/** An inspect command that needs no replay. */
function immediately(show: (view: InspectContext, argument: string) => OutputLine[]): InspectCommand["inspect"] {
  return function* (view, argument) {
    return show(view, argument);
  };
}

function outputLines(lines: readonly string[]): OutputLine[] {
  return lines.map((text) => ({ text }));
}

function vmaLines({ mm_rb }: MmStruct, lines: (vma: VmArea) => string[]): string[] {
  return mm_rb.length === 0 ? ["Nothing is mapped."] : mm_rb.flatMap(lines);
}

function* info(view: InspectContext, argument: string): ReplayJob<OutputLine[]> {
  const [, word = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(argument) ?? [];
  if (/^vmas?$/.test(word)) return vmaTable(view.recording.system, resolveVmaOwner(view.evaluate, rest));
  if (/^locks?$/.test(word) && rest === "") return lockTable(view.recording.system);
  if (word === "tree") return outputLines(prioTreeLines(resolveMapping(view.evaluate, rest)));
  if (word === "trace") return yield* recentEventLines(view, rest);
  throw new CommandError("Write: info vmas, info vmas FILE, info vmas PROCESS, info locks, info tree FILE, or info trace N");
}

function* recentEventLines({ recording, statementText }: InspectContext, argument: string): ReplayJob<OutputLine[]> {
  const count = argument === "" ? DEFAULT_EVENTS : parseWholeNumber(argument, "info trace N");
  if (count < 1 || count > MAX_EVENTS) throw new CommandError(`Between 1 and ${MAX_EVENTS} events can be shown.`);
  const { machine } = recording.system;
  const timeline = new Timeline(
    UNSTYLED,
    statementText,
    machine.helper_cpu.id,
    machine.tasks.map(({ name }) => name),
  );
  const events = yield* recentEvents(recording, count, (event): OutputLine => {
    const statement = event.args["statement"] as Statement | undefined;
    return { text: timeline.line(event), ...(statement === undefined ? {} : { line: statement.range.line }) };
  });
  return events.length === 0 ? [{ text: "No event was passed yet." }] : [{ text: timeline.header() }, ...events];
}

/** The file or process whose vmas are to be listed; null for all. */
function resolveVmaOwner(evaluate: InspectContext["evaluate"], text: string): AddressSpace | MmStruct | null {
  if (text === "") return null;
  const owner = unwrap(evaluate(text));
  if (owner instanceof AddressSpace || owner instanceof MmStruct) return owner;
  throw new CommandError("Write: info vmas FILE or info vmas PROCESS, such as info vmas viewer[3]");
}

function resolveMm(evaluate: InspectContext["evaluate"], text: string, form: string): MmStruct {
  const mm = text === "" ? null : unwrap(evaluate(text));
  if (mm instanceof MmStruct) return mm;
  throw new CommandError(`Write: ${form}, such as viewer[3]`);
}

function resolveMapping(evaluate: InspectContext["evaluate"], text: string): AddressSpace {
  const mapping = text === "" ? null : unwrap(evaluate(text));
  if (mapping instanceof AddressSpace) return mapping;
  throw new CommandError("Write: info tree FILE, such as info tree data");
}

/** `x/16 ADDRESS`, or `x ADDRESS` for one word. */
function examine({ recording, evaluate }: InspectContext, argument: string): OutputLine[] {
  const [, number, expression] = /^(?:\/(\d+)\s+)?(.*)$/s.exec(argument)!;
  const count = Number(number ?? 1);
  if (expression === "" || count < 1 || count > MAX_WORDS) throw new CommandError(`Write: x/N ADDRESS, with N from 1 to ${MAX_WORDS}`);
  const address = evaluate(expression!);
  if (typeof address !== "number") throw new CommandError("An address is a number: that of a memory reference in Variables.");
  const bytes = read_memory(recording.system.system.kernel, address, count * 4);
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = Array.from(
    { length: Math.floor(bytes.length / 4) },
    (_, at) =>
      `0x${data
        .getUint32(at * 4, true)
        .toString(16)
        .padStart(8, "0")}`,
  );
  if (words.length === 0) throw new CommandError(`There is no page table and no struct page at ${format_hex(address)}.`);
  const lines: string[] = [];
  for (let at = 0; at < words.length; at += WORDS_A_LINE)
    lines.push(`${format_hex(address + at * 4)}:  ${words.slice(at, at + WORDS_A_LINE).join("  ")}`);
  if (words.length < count) lines.push(`… there is nothing behind ${format_hex(address + words.length * 4)}`);
  return outputLines(lines);
}
