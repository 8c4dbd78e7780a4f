// Livelocks of the search. A livelock is a fair cycle: a state comes back, and every process that was enabled in between has executed;
// with the transitions that lead to the cycle, its stem, it is a lasso. Livelocks show in fair executions, in which all enabled processes
// execute in rotation, and nowhere else: each round of one hands locks over, and every hand-over would be a preemption.
//
// (The check of every run, observe/checks/livelock.ts, counts restarts without progress instead: it needs no states to compare.)

import type { ControlledScheduler } from "../schedule/controlled.ts";
import { non_preemptive, NO_PROCESS } from "../schedule/strategy.ts";
import { LimitReached } from "../machine/limits.ts";
import type { ScheduleSegment } from "../schedule/schedule.ts";
import type { Runner, SearchStrategy } from "./runner.ts";
import { state_text } from "./state_text.ts";

/** The state after `stem` transitions comes back after `period` more. */
export interface Lasso {
  readonly stem: number;
  readonly period: number;
}

/** Characters of the visited states that are kept: with a few small files those are thousands of states. */
const MAX_STATE_TEXT = 2 ** 25;
/** `find_lasso` requests a stop of the machine, and so yields, after so many characters of recorded states. */
const PAUSE = 2 ** 20;

/** One transition of each enabled process in rotation. At transition `delay` the process that is due is skipped. */
export function round_robin(delay: number | null): SearchStrategy {
  return (enabled, _current, policy) => {
    const first = non_preemptive(enabled, NO_PROCESS, policy);
    return policy.transitions === delay ? non_preemptive(enabled, NO_PROCESS, { last: first, ticks: policy.ticks }) : first;
  };
}

/**
 * Follows `segments`, then `strategy`, and records the state before each transition from number `from` on. If one comes back, and the
 * cycle is fair, the execution can continue like that for ever. The run ends there, or after `max_transitions`, or MAX_STATE_TEXT, and
 * pauses often.
 */
export function* find_lasso(
  runner: Runner,
  segments: readonly ScheduleSegment[],
  strategy: SearchStrategy,
  from: number,
  max_transitions: number,
): Generator<0, Lasso | null> {
  const seen = new Map<string, number>();
  let found: Lasso | null = null;
  let kept = 0;
  let due = PAUSE;
  const watch: SearchStrategy = (enabled, current, policy) => {
    const transition = runner.trace.length;
    if (transition < from) return strategy(enabled, current, policy);
    const state = state_text([...runner.world.state_roots(), policy.last, policy.processes, policy.pending]);
    const before = seen.get(state);
    if (before !== undefined && is_fair(runner, policy, before, transition)) {
      found = { stem: before, period: transition - before };
      return LimitReached.transitions(transition);
    }
    kept += state.length;
    if (kept > MAX_STATE_TEXT) return LimitReached.transitions(transition);
    if (kept >= due) {
      due = kept + PAUSE;
      runner.world.machine.request_stop();
    }
    seen.set(state, transition);
    return strategy(enabled, current, policy);
  };
  yield* runner.run_parked(segments, watch, max_transitions);
  return found;
}

/** Has every task that was enabled between two transitions executed there, and among them one that has to end? */
function is_fair({ trace }: Runner, policy: ControlledScheduler, begin: number, end: number): boolean {
  let scheduled = 0;
  let enabled = 0;
  for (let transition = begin; transition < end; transition++) {
    scheduled |= 1 << trace.process[transition]!;
    enabled |= trace.enabled[transition]! & ~policy.ticks;
  }
  const executed = policy.processes.filter((_, process) => (scheduled & (1 << process)) !== 0);
  const unfinished = executed.some((task) => task?.has_to_end());
  return unfinished && (enabled & ~scheduled) === 0;
}
