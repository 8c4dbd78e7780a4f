// The commands that move the execution.

import type { Machine } from "../engine/machine/machine.ts";
import { CommandError, whole, type Named } from "./command.ts";

/** Where a command wants the execution to go. */
export type Travel =
  /** A step of the selected task; null: to the next stop. */
  | { readonly kind: "step"; readonly back: boolean; readonly step: "into" | "over" | "out" | null }
  /** To a step, behind an event, or to a model time in nanoseconds. */
  | { readonly kind: "goto"; readonly place: "step" | "event" | "time"; readonly value: number }
  /** Behind the next event, or the last one. */
  | { readonly kind: "event"; readonly back: boolean };

/** Is a machine, from then on for ever, behind an event of that number, or has one of its CPUs come to a model time? */
export function hasComeTo(place: "event" | "time", value: number): (machine: Machine) => boolean {
  return place === "event" ? ({ events }) => events >= value : ({ all_cpus }) => all_cpus.some(({ clock }) => clock >= value);
}

export interface TravelCommand extends Named {
  /** @param number the value of an expression; throws a CommandError if it is no number */
  travel(argument: string, number: (text: string) => number): Travel;
}

function step(names: readonly string[], doc: string, back: boolean, kind: "into" | "over" | "out" | null): TravelCommand {
  return { names, doc, travel: () => ({ kind: "step", back, step: kind }) };
}

export const TRAVELS: readonly TravelCommand[] = [
  step(["next", "n"], "go on to the next statement of this function, over calls", false, "over"),
  step(["step", "s"], "go on to the next statement, into calls", false, "into"),
  step(["out", "finish", "o"], "go on to the caller of this function", false, "out"),
  step(["continue", "c"], "go on to the next breakpoint, failed check, or the end", false, null),
  step(["back", "reverse-step", "rs"], "go back to the statement executed before", true, "into"),
  step(["reverse-next", "rn"], "go back, over calls", true, "over"),
  step(["reverse-out", "reverse-finish", "ro"], "go back to where this function was called", true, "out"),
  step(["reverse-continue", "rc"], "go back to the last breakpoint, or the start", true, null),
  { names: ["goto", "g"], form: "goto N | goto event N | goto time T", doc: "go to step N, behind event N, or to model time T (1ms)", travel: readGoto },
  { names: ["next-event", "ne"], doc: "go on behind the next event", travel: () => ({ kind: "event", back: false }) },
  { names: ["previous-event", "pe"], doc: "go back behind the event before", travel: () => ({ kind: "event", back: true }) },
];

function readGoto(argument: string, number: (text: string) => number): Travel {
  const [, word, rest] = /^(?:(step|event|time)\s+)?(.*)$/s.exec(argument)!;
  const place = (word ?? "step") as "step" | "event" | "time";
  const form = "goto N, goto event N, or goto time T such as 1ms";
  if (place !== "time") return { kind: "goto", place, value: whole(rest!, form) };
  if (rest === "") throw new CommandError(`Write: ${form}`);
  return { kind: "goto", place, value: number(rest!) };
}
