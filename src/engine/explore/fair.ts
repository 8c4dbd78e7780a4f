// Fair executions: everybody goes on in turn. Livelocks show there, and nowhere else: each round of one hands locks over, and
// every hand-over would be a preemption. A livelock is a cycle: the same state comes back, and everybody who could go on has.

import { by_default, NOBODY, type ChoicePolicy } from "../schedule/choice.ts";
import { LimitReached } from "../machine/limits.ts";
import type { Turn } from "../schedule/schedule.ts";
import type { Runner, Strategy } from "./runner.ts";
import { state_text } from "./state_text.ts";

/** The state after `stem` units comes back after `period` more. */
export interface Lasso {
  readonly stem: number;
  readonly period: number;
}

/** Characters of states that are kept to see whether one comes back: of a few small files that are thousands of states. */
const MAX_TEXT = 2 ** 25;
/** Characters after which there is a pause. */
const PAUSE = 2 ** 20;

/** One unit after the other, in a circle. At unit `delay` the one whose turn it is is passed over. */
export function round_robin(delay: number | null): Strategy {
  return (enabled, _current, policy) => {
    const first = by_default(enabled, NOBODY, policy);
    return policy.units === delay ? by_default(enabled, NOBODY, { last: first, ticks: policy.ticks }) : first;
  };
}

/**
 * Follows `turns`, then `strategy`. From unit `watched` on: does it come back to a state it was in, with all who could go on
 * having gone on? Then it would go on like that for ever. The run ends there, or after `units` units, or MAX_TEXT, and pauses often.
 */
export function* find_lasso(runner: Runner, turns: readonly Turn[], strategy: Strategy, watched: number, units: number): Generator<0, Lasso | null> {
  const seen = new Map<string, number>();
  let found: Lasso | null = null;
  let kept = 0;
  let due = PAUSE;
  const watch: Strategy = (enabled, current, policy) => {
    const unit = runner.trace.length;
    if (unit < watched) return strategy(enabled, current, policy);
    const state = state_text([...runner.world.roots(), policy.last, policy.processes, policy.pending]);
    const before = seen.get(state);
    if (before !== undefined && is_fair(runner, policy, before, unit)) {
      found = { stem: before, period: unit - before };
      return LimitReached.units(unit);
    }
    kept += state.length;
    if (kept > MAX_TEXT) return LimitReached.units(unit);
    if (kept >= due) {
      due = kept + PAUSE;
      runner.world.machine.request_stop();
    }
    seen.set(state, unit);
    return strategy(enabled, current, policy);
  };
  yield* runner.watch(turns, watch, units);
  return found;
}

/** Has everybody gone on between two units who could have, and somebody on whose end others wait? */
function is_fair({ trace }: Runner, policy: ChoicePolicy, begin: number, end: number): boolean {
  let moved = 0;
  let able = 0;
  for (let unit = begin; unit < end; unit++) {
    moved |= 1 << trace.process[unit]!;
    able |= trace.enabled[unit]! & ~policy.ticks;
  }
  const awaited = policy.processes.some((task, process) => task !== null && (moved & (1 << process)) !== 0 && policy.awaits(task));
  return awaited && (able & ~moved) === 0;
}
