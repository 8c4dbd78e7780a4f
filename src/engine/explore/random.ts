// Random executions, for scenarios that are too large for a systematic search: each is determined by its number and a seed.

import { ControlledScheduler } from "../schedule/controlled.ts";
import type { Strategy } from "../schedule/strategy.ts";
import { LimitReached } from "../machine/limits.ts";
import type { Machine } from "../machine/machine.ts";
import type { Task } from "../machine/task.ts";
import { random_numbers } from "./random_numbers.ts";
import type { SearchStrategy } from "./runner.ts";

/** The bug depth of `pct`: how many ordering constraints a bug takes. */
export const PCT_DEPTH = 3;
/** The length that `pct` assumes of an execution before one was counted. */
const USUAL_TRANSITIONS = 1_000;

/**
 * From now on the tasks of `machine` that are not `except` are scheduled at random, the same for the same seed. The run ends after
 * `max_transitions` transitions.
 */
export function run_random(machine: Machine, kind: "random" | "pct", seed: number, max_transitions: number, except: Task | null): void {
  const strategy = kind === "random" ? random(seed, 0) : pct(seed, 0, PCT_DEPTH, USUAL_TRANSITIONS);
  const decider: Strategy = {
    choose: (enabled, current) =>
      policy.transitions >= max_transitions ? LimitReached.transitions(max_transitions) : strategy(enabled, current, policy),
  };
  const policy = new ControlledScheduler(machine, decider, Infinity, except);
  machine.policy = policy;
}

/** The `place`-th process of a bit mask, from 0. */
function pick(mask: number, place: number): number {
  let rest = mask;
  for (let skipped = 0; skipped < place; skipped++) rest &= rest - 1;
  return 31 - Math.clz32(rest & -rest);
}

function count(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}

/** At every decision all enabled processes are equally likely. */
export function random(seed: number, number: number): SearchStrategy {
  const next = random_numbers(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b));
  return (enabled) => pick(enabled, next(count(enabled)));
}

/**
 * Processes have random priorities, and the enabled process with the highest executes; at `depth` - 1 random priority change points that
 * process gets the lowest. Finds a bug of depth `depth` with a probability that has a lower bound
 * (Burckhardt, Kothari, Musuvathi, Nagarakatte: Probabilistic concurrency testing, 2010).
 * @param transitions how many transitions an execution has, approximately
 */
export function pct(seed: number, number: number, depth: number, transitions: number): SearchStrategy {
  const next = random_numbers(Math.imul(seed, 0xc2b2ae35) ^ Math.imul(number, 0x27d4eb2f));
  const changes = new Set(Array.from({ length: depth - 1 }, () => next(transitions)));
  const priorities: number[] = [];
  let lowest = 0;
  return (enabled: number, _current: number, policy: ControlledScheduler) => {
    const highest = (): number => {
      let best = -1;
      for (let process = 0; enabled >>> process !== 0; process++) {
        if ((enabled & (1 << process)) === 0) continue;
        priorities[process] ??= 1 + next(1 << 20);
        if (best < 0 || priorities[process]! > priorities[best]!) best = process;
      }
      return best;
    };
    if (changes.has(policy.transitions)) priorities[highest()] = lowest -= 1;
    return highest();
  };
}
