// From an execution that shows a failure to a simpler one: fewer preemptions, then fewer transitions, then a shorter schedule.
// Segments are removed, shortened, lengthened and swapped for as long as the execution shows the same failure and is simpler.

import { non_preemptive } from "../schedule/strategy.ts";
import { format_segments, parse_segments, type ScheduleSegment } from "../schedule/schedule.ts";
import { is_better, type Finding } from "./finding.ts";
import type { Runner, SearchStrategy } from "./runner.ts";

/** Executions that are tried. */
const MAX_TRIALS = 2_000;
/** A segment is shortened and lengthened by so many transitions at most. */
const MAX_RESIZE = 8;

/** The finding that the last run of `runner` shows; null if nothing is wrong with it. */
export function finding_of(runner: Runner): Finding | null {
  const verdict = runner.verdict();
  if (verdict === null) return null;
  const { trace } = runner;
  const { length } = trace;
  const segments = format_segments(runner.segments_of(0, length));
  return { ...verdict, segments, cycle: "", preemptions: trace.preemptions_before(length), transitions: length };
}

/** The best example of the same failure that is found near `finding`, with a pause after every execution. */
export function* minimise(runner: Runner, finding: Finding): Generator<number, { readonly finding: Finding; readonly executions: number }> {
  let best = finding;
  let trials = 0;
  const test = (segments: readonly ScheduleSegment[]): boolean => {
    trials += 1;
    runner.run([], follow_leniently(segments));
    const found = finding_of(runner);
    if (found === null || found.key !== finding.key || !is_better(found, best)) return false;
    best = found;
    return true;
  };
  for (let improved = true; improved && trials < MAX_TRIALS;) {
    improved = false;
    for (const segments of variants(parse_segments(best.segments))) {
      if (trials >= MAX_TRIALS) break;
      improved = test(segments);
      yield 1;
      if (improved) break;
    }
  }
  return { finding: { ...best, segments: shorten(runner, best) }, executions: trials };
}

function* variants(segments: readonly ScheduleSegment[]): Generator<ScheduleSegment[]> {
  const change = (at: number, removed: number, ...inserted: ScheduleSegment[]): ScheduleSegment[] =>
    segments.toSpliced(at, removed, ...inserted);
  for (let at = 0; at < segments.length; at++) yield change(at, 1);
  for (let at = 0; at + 1 < segments.length; at++) yield change(at, 2, segments[at + 1]!, segments[at]!);
  for (let at = 0; at < segments.length; at++) {
    const { process, transitions } = segments[at]!;
    for (let by = 1; by <= MAX_RESIZE; by++) {
      if (transitions > by) yield change(at, 1, { process, transitions: transitions - by });
      yield change(at, 1, { process, transitions: transitions + by });
    }
  }
}

/** Follows segments as far as possible: where a process is disabled, its segment is over. */
function follow_leniently(segments: readonly ScheduleSegment[]): SearchStrategy {
  let at = 0;
  let remaining = segments[0]?.transitions ?? 0;
  return (enabled, current, policy) => {
    for (; at < segments.length; remaining = segments[++at]?.transitions ?? 0) {
      const process = policy.process_named(segments[at]!.process);
      if (remaining === 0 || (enabled & (1 << process)) === 0) continue;
      remaining -= 1;
      return process;
    }
    return non_preemptive(enabled, current, policy);
  };
}

/** The shortest prefix of the segments that leads to the same execution by the non-preemptive default. */
function shorten(runner: Runner, finding: Finding): string {
  const segments = parse_segments(finding.segments);
  for (let count = 0; count < segments.length; count++) {
    // Of the last segment only the first transition is a decision.
    const first = segments.slice(0, count).map((segment, at) => (at === count - 1 ? { ...segment, transitions: 1 } : segment));
    runner.run(first);
    const found = finding_of(runner);
    if (found?.segments === finding.segments) return format_segments(first);
  }
  return finding.segments;
}
