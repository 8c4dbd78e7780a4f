// Executions by chance, for scenarios that are too large to be searched: each is given by its number and a seed.

import { ChoicePolicy, type Chooser } from "../schedule/choice.ts";
import { LimitReached } from "../machine/limits.ts";
import type { Machine } from "../machine/machine.ts";
import type { Task } from "../machine/task.ts";
import type { Strategy } from "./runner.ts";

/** Orderings that the bugs take which `pct` is to find. */
export const PCT_DEPTH = 3;
/** So many units an execution has for `pct`, if nobody has counted those of another. */
const USUAL_UNITS = 1_000;

/** From now on chance decides about the tasks of `machine` that are not `except`, the same for the same seed, for at most `units` units. */
export function run_by_chance(machine: Machine, kind: "random" | "pct", seed: number, units: number, except: Task | null): void {
  const strategy = kind === "random" ? random(seed, 0) : pct(seed, 0, PCT_DEPTH, USUAL_UNITS);
  const chooser: Chooser = { choose: (enabled, current) => (policy.units >= units ? LimitReached.units(units) : strategy(enabled, current, policy)) };
  const policy = new ChoicePolicy(machine, chooser, Infinity, except);
  machine.policy = policy;
}

/** Whole numbers below `n`, the same for the same seed (Mulberry32). */
function numbers(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * n);
  };
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

/** At every decision everybody has the same chance. */
export function random(seed: number, number: number): Strategy {
  const next = numbers(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b));
  return (enabled) => pick(enabled, next(count(enabled)));
}

/**
 * Processes have priorities by chance, and whoever has the highest goes on; at `depth` - 1 units, also by chance, the one
 * that would go on gets the lowest. Finds a bug that takes `depth` orderings with a probability that has a lower bound
 * (Burckhardt, Kothari, Musuvathi, Nagarakatte: Probabilistic concurrency testing, 2010).
 * @param units how many units an execution has, more or less
 */
export function pct(seed: number, number: number, depth: number, units: number): Strategy {
  const next = numbers(Math.imul(seed, 0xc2b2ae35) ^ Math.imul(number, 0x27d4eb2f));
  const changes = new Set(Array.from({ length: depth - 1 }, () => next(units)));
  const priorities: number[] = [];
  let lowest = 0;
  return (enabled: number, _current: number, policy: ChoicePolicy) => {
    const highest = (): number => {
      let best = -1;
      for (let process = 0; enabled >>> process !== 0; process++) {
        if ((enabled & (1 << process)) === 0) continue;
        priorities[process] ??= 1 + next(1 << 20);
        if (best < 0 || priorities[process]! > priorities[best]!) best = process;
      }
      return best;
    };
    if (changes.has(policy.units)) priorities[highest()] = lowest -= 1;
    return highest();
  };
}
