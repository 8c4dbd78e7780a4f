// From an execution that shows a failure to a simpler one: fewer preemptions, then fewer operations, then fewer turns. Turns
// are left out, shortened, lengthened and swapped for as long as the same failure comes out of it and the execution is better.

import { by_default } from "../schedule/choice.ts";
import { format_turns, parse_turns, type Turn } from "../schedule/schedule.ts";
import { is_better, type Finding } from "./finding.ts";
import type { Runner, Strategy } from "./runner.ts";

/** Executions that are tried. */
const MAX_TRIALS = 2_000;
/** A turn is shortened and lengthened by so many units at most. */
const REACH = 8;

/** The finding that the last run of `runner` shows; null if nothing is wrong with it. */
export function finding_of(runner: Runner): Finding | null {
  const verdict = runner.verdict();
  if (verdict === null) return null;
  const { trace } = runner;
  const { length } = trace;
  return { ...verdict, turns: format_turns(runner.turns_of(0, length)), cycle: "", preemptions: trace.preemptions_before(length), units: length };
}

/** The best example of the same failure that is found near `finding`, with a pause after every execution. */
export function* minimise(runner: Runner, finding: Finding): Generator<number, { readonly finding: Finding; readonly executions: number }> {
  let best = finding;
  let trials = 0;
  const test = (turns: readonly Turn[]): boolean => {
    trials += 1;
    runner.run([], follow(turns));
    const found = finding_of(runner);
    if (found === null || found.key !== finding.key || !is_better(found, best)) return false;
    best = found;
    return true;
  };
  for (let improved = true; improved && trials < MAX_TRIALS; ) {
    improved = false;
    for (const turns of variants(parse_turns(best.turns))) {
      if (trials >= MAX_TRIALS) break;
      improved = test(turns);
      yield 1;
      if (improved) break;
    }
  }
  return { finding: { ...best, turns: shorten(runner, best) }, executions: trials };
}

function* variants(turns: readonly Turn[]): Generator<Turn[]> {
  const change = (at: number, removed: number, ...inserted: Turn[]): Turn[] => turns.toSpliced(at, removed, ...inserted);
  for (let at = 0; at < turns.length; at++) yield change(at, 1);
  for (let at = 0; at + 1 < turns.length; at++) yield change(at, 2, turns[at + 1]!, turns[at]!);
  for (let at = 0; at < turns.length; at++) {
    const { process, units } = turns[at]!;
    for (let by = 1; by <= REACH; by++) {
      if (units > by) yield change(at, 1, { process, units: units - by });
      yield change(at, 1, { process, units: units + by });
    }
  }
}

/** Follows turns as far as it can: where a process cannot go on, its turn is over. */
function follow(turns: readonly Turn[]): Strategy {
  let turn = 0;
  let left = turns[0]?.units ?? 0;
  return (enabled, current, policy) => {
    for (; turn < turns.length; left = turns[++turn]?.units ?? 0) {
      const process = policy.called(turns[turn]!.process);
      if (left === 0 || (enabled & (1 << process)) === 0) continue;
      left -= 1;
      return process;
    }
    return by_default(enabled, current, policy);
  };
}

/** The first turns, as few as it takes: the rest goes by itself. */
function shorten(runner: Runner, finding: Finding): string {
  const turns = parse_turns(finding.turns);
  for (let count = 0; count < turns.length; count++) {
    // Of the last turn the first unit decides.
    const first = turns.slice(0, count).map((turn, at) => (at === count - 1 ? { ...turn, units: 1 } : turn));
    runner.run(first);
    const found = finding_of(runner);
    if (found?.turns === finding.turns) return format_turns(first);
  }
  return finding.turns;
}
