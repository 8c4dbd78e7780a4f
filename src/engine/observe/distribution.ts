// Distributions: of times of a run, in nanoseconds of model time.

/** Plain data. */
export interface DistributionSummary {
  /** How many values there are. */
  readonly count: number;
  readonly total: number;
  readonly max: number;
  /** Half of the values are not above the first, 99 of 100 not above the second. */
  readonly p50: number;
  readonly p99: number;
  /** How many values lie in each bucket of bounds 1, 2, 5, 10, 20, …, in order, those in between that are empty included. */
  readonly histogram: readonly HistogramBucket[];
}

export interface HistogramBucket {
  /** The upper bound, which is inclusive; the lower one is that of the bucket before. */
  readonly up_to: number;
  readonly count: number;
}

export class Distribution {
  /** How often each value came: model time takes few different ones. */
  private readonly counts = new Map<number, number>();
  private count = 0;

  add(value: number): void {
    this.count += 1;
    this.counts.set(value, (this.counts.get(value) ?? 0) + 1);
  }

  summary(): DistributionSummary {
    const sorted = [...this.counts].sort(([one], [other]) => one - other);
    const at_share = (share: number): number => {
      let left = Math.ceil(this.count * share);
      for (const [value, count] of sorted) if ((left -= count) <= 0) return value;
      return 0;
    };
    return {
      count: this.count,
      total: sorted.reduce((sum, [value, count]) => sum + value * count, 0),
      max: sorted.at(-1)?.[0] ?? 0,
      p50: at_share(0.5),
      p99: at_share(0.99),
      histogram: buckets_of(sorted),
    };
  }
}

function buckets_of(sorted: readonly (readonly [number, number])[]): HistogramBucket[] {
  const buckets: { up_to: number; count: number }[] = [];
  for (const [value, count] of sorted) {
    let last = buckets.at(-1);
    if (last === undefined) buckets.push((last = { up_to: first_bound(value), count: 0 }));
    for (; last.up_to < value; buckets.push((last = { up_to: next_bound(last.up_to), count: 0 })));
    last.count += count;
  }
  return buckets;
}

/** The least of 1, 2, 5, 10, … that is not below a value. */
export function first_bound(value: number): number {
  let bound = 1;
  while (bound < value) bound = next_bound(bound);
  return bound;
}

/** The bound behind one of 1, 2, 5, 10, …. */
export function next_bound(bound: number): number {
  return String(bound).startsWith("2") ? bound * 2.5 : bound * 2;
}
