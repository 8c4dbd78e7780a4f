// Conditions of breakpoints, and which of their hits stop.

import type { Breakpoint, Place } from "../../engine/replay/recording.ts";
import { evaluate, isError, isTrue } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { parse, PlaceEnvironment } from "../values/evaluate.ts";
import { visible, type Locals } from "../values/reach.ts";
import { takeQuestions } from "../values/past.ts";

export type Condition = NonNullable<Breakpoint["condition"]>;
export type Count = NonNullable<Breakpoint["count"]>;

/** A condition that is evaluated during the run, or what is wrong with its text. */
export function parseCondition(text: string, simulation: () => Simulation, report: (message: string) => void): Condition | { readonly mistake: string } {
  const expr = parse(text);
  if ("mistake" in expr) return { mistake: `Condition: ${expr.mistake}` };
  if (takeQuestions(expr).questions.length > 0) return { mistake: "Condition: changes() and last_write() are for watches and the console: a condition can see only what is." };
  return (place: Place) => {
    const value = evaluate(expr, new PlaceEnvironment(simulation(), place.task, seenAt(place)));
    if (!isError(value)) return isTrue(value);
    report(`The condition '${text}' cannot be evaluated: ${value.message}`);
    return false;
  };
}

/** What expressions see where a breakpoint is hit: the frame's variables, what the tracepoint reports, what was accessed. */
export function seenAt({ frames, event, access }: Place): Locals {
  const [frame, ...outer] = frames.map(([, locals]) => locals);
  const locals = frame === undefined ? {} : visible({ locals: frame, stack: outer });
  if (event !== null) return { ...locals, ...event.args };
  return access === null ? locals : { ...locals, before: access.before, after: access.after };
}

const COUNTS: Readonly<Record<string, (hit: number, number: number) => boolean>> = {
  "==": (hit, number) => hit === number,
  ">": (hit, number) => hit > number,
  ">=": (hit, number) => hit >= number,
  "<": (hit, number) => hit < number,
  "<=": (hit, number) => hit <= number,
  "%": (hit, number) => hit % number === 0,
};

/** Which hits stop: `5` and `== 5` the fifth, `> 5`, `>= 5`, `< 5`, `<= 5`, `% 3` every third. */
export function parseCount(text: string): Count | { readonly mistake: string } {
  const match = /^\s*(==?|>=?|<=?|%)?\s*(\d{1,15})\s*$/.exec(text);
  const number = Number(match?.[2]);
  const test = COUNTS[(match?.[1] ?? "==").replace(/^=$/, "==")]!;
  if (match === null || (match[1] === "%" && number === 0)) return { mistake: `Hit count: write 5, > 5, >= 5, < 5, <= 5 or % 5; '${text}' is none of these.` };
  return (hit) => test(hit, number);
}
