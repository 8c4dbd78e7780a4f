// What a search has found: a check that fails, and the best execution so far that shows it.

/** Plain data. */
export interface Finding {
  /** Findings with the same key are about the same check. */
  readonly key: string;
  readonly message: string;
  /** The schedule, as format_segments writes it; of a livelock, the stem of the lasso. */
  readonly segments: string;
  /** The cycle of the lasso, in the same format; empty if it is no livelock. */
  readonly cycle: string;
  readonly preemptions: number;
  /** Transitions up to the failure, or to the end of the first round of the cycle. */
  readonly transitions: number;
}

/** Is `one` the better example: fewer preemptions, then fewer transitions, then a shorter schedule? */
export function is_better(one: Finding, other: Finding): boolean {
  const difference =
    one.preemptions - other.preemptions || one.transitions - other.transitions || one.segments.length - other.segments.length;
  return difference < 0 || (difference === 0 && one.segments < other.segments);
}

/** The best example of each finding. */
export class Findings<F extends Finding = Finding> {
  private readonly best = new Map<string, F>();

  /** Takes a finding, unless a better example of it is known. */
  add(finding: F): void {
    const known = this.best.get(finding.key);
    if (known === undefined || is_better(finding, known)) this.best.set(finding.key, finding);
  }

  /** Is there an example of this finding? */
  has(key: string): boolean {
    return this.best.has(key);
  }

  /** By key. */
  all(): F[] {
    return [...this.best.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
  }
}
