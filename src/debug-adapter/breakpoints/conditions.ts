// Conditions and hit conditions of breakpoints.

import type { Breakpoint, BreakpointContext } from "../../engine/replay/recording.ts";
import { evaluate, isError, isTrue } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { parseWatchExpression, FrameEnvironment } from "../values/evaluate.ts";
import { variablesInScope, type Locals } from "../values/frame-scope.ts";
import { extractHistoryQueries } from "../values/data-history.ts";

export type Condition = NonNullable<Breakpoint["condition"]>;
export type HitCondition = NonNullable<Breakpoint["hit_condition"]>;

/** A condition that is evaluated during the run, or what is wrong with its text. */
export function parseCondition(
  text: string,
  simulation: () => Simulation,
  report: (message: string) => void,
): Condition | { readonly mistake: string } {
  const expr = parseWatchExpression(text);
  if ("mistake" in expr) return { mistake: `Condition: ${expr.mistake}` };
  if (extractHistoryQueries(expr).queries.length > 0)
    return {
      mistake: "Condition: changes() and last_write() are for watches and the console: a condition depends only on the current state.",
    };
  return (place: BreakpointContext) => {
    const value = evaluate(expr, new FrameEnvironment(simulation(), place.task, localsAtHit(place)));
    if (!isError(value)) return isTrue(value);
    report(`The condition '${text}' cannot be evaluated: ${value.message}`);
    return false;
  };
}

/** The variables in scope where a breakpoint is hit: those of the frame, the arguments of the tracepoint, the values of the access. */
export function localsAtHit({ frames, event, access }: BreakpointContext): Locals {
  const [frame, ...outer] = frames.map(([, locals]) => locals);
  const locals = frame === undefined ? {} : variablesInScope({ locals: frame, stack: outer });
  if (event !== null) return { ...locals, ...event.args };
  return access === null ? locals : { ...locals, before: access.before, after: access.after };
}

const HIT_TESTS: Readonly<Record<string, (hit: number, number: number) => boolean>> = {
  "==": (hit, number) => hit === number,
  ">": (hit, number) => hit > number,
  ">=": (hit, number) => hit >= number,
  "<": (hit, number) => hit < number,
  "<=": (hit, number) => hit <= number,
  "%": (hit, number) => hit % number === 0,
};

/** Which hits stop: `5` and `== 5` the fifth, `> 5`, `>= 5`, `< 5`, `<= 5`, `% 3` every third. */
export function parseHitCondition(text: string): HitCondition | { readonly mistake: string } {
  const match = /^\s*(==?|>=?|<=?|%)?\s*(\d{1,15})\s*$/.exec(text);
  const number = Number(match?.[2]);
  const test = HIT_TESTS[(match?.[1] ?? "==").replace(/^=$/, "==")]!;
  if (match === null || (match[1] === "%" && number === 0))
    return { mistake: `Hit count: write 5, > 5, >= 5, < 5, <= 5 or % 5; '${text}' is none of these.` };
  return (hit) => test(hit, number);
}
