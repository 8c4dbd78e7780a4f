// The navigation commands: they move the execution in time.

import type { Machine } from "../engine/machine/machine.ts";
import { CommandError, parseWholeNumber, type CommandDescription } from "./command.ts";

/** The destination of a navigation command. */
export type Navigation =
  /** A step of the selected task; null: to the next stop. */
  | { readonly kind: "step"; readonly back: boolean; readonly step: "into" | "over" | "out" | null }
  /** To a step, to just after an event, or to a model time in nanoseconds. */
  | { readonly kind: "goto"; readonly place: "step" | "event" | "time"; readonly value: number }
  /** To just after the next event, or the previous one. */
  | { readonly kind: "event"; readonly back: boolean };

/** A predicate that holds once a machine has passed the event of that number, or one of its CPUs has reached that model time. */
export function hasReached(place: "event" | "time", value: number): (machine: Machine) => boolean {
  return place === "event" ? ({ events }) => events >= value : ({ all_cpus }) => all_cpus.some(({ clock }) => clock >= value);
}

export interface NavigationCommand extends CommandDescription {
  /** @param number the value of an expression; throws a CommandError if it is no number */
  navigation(argument: string, number: (text: string) => number): Navigation;
}

function step(names: readonly string[], doc: string, back: boolean, kind: "into" | "over" | "out" | null): NavigationCommand {
  return { names, doc, navigation: () => ({ kind: "step", back, step: kind }) };
}

export const NAVIGATION_COMMANDS: readonly NavigationCommand[] = [
  step(["next", "n"], "continue to the next statement of this function, over calls", false, "over"),
  step(["step", "s"], "continue to the next statement, into calls", false, "into"),
  step(["out", "finish", "o"], "continue to the caller of this function", false, "out"),
  step(["continue", "c"], "continue to the next breakpoint, failed check, or the end", false, null),
  step(["back", "reverse-step", "rs"], "go back to the statement executed before", true, "into"),
  step(["reverse-next", "rn"], "go back, over calls", true, "over"),
  step(["reverse-out", "reverse-finish", "ro"], "go back to where this function was called", true, "out"),
  step(["reverse-continue", "rc"], "go back to the last breakpoint, or the start", true, null),
  {
    names: ["goto", "g"],
    usage: "goto N | goto event N | goto time T",
    doc: "go to step N, to just after event N, or to model time T (1ms)",
    navigation: parseGoto,
  },
  { names: ["next-event", "ne"], doc: "continue to just after the next event", navigation: () => ({ kind: "event", back: false }) },
  { names: ["previous-event", "pe"], doc: "go back to just after the previous event", navigation: () => ({ kind: "event", back: true }) },
];

function parseGoto(argument: string, number: (text: string) => number): Navigation {
  const [, word, rest] = /^(?:(step|event|time)\s+)?(.*)$/s.exec(argument)!;
  const place = (word ?? "step") as "step" | "event" | "time";
  const form = "goto N, goto event N, or goto time T such as 1ms";
  if (place !== "time") return { kind: "goto", place, value: parseWholeNumber(rest!, form) };
  if (rest === "") throw new CommandError(`Write: ${form}`);
  return { kind: "goto", place, value: number(rest!) };
}
