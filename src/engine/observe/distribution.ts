// How a figure is distributed: times of a run, in nanoseconds of model time.

/** Plain data. */
export interface Figures {
  /** How many values there are. */
  readonly count: number;
  readonly total: number;
  readonly max: number;
  /** Half of the values are not above the first, 99 of 100 not above the second. */
  readonly p50: number;
  readonly p99: number;
  /** How many values lie in each step of 1, 2, 5, 10, 20, …, in order; steps between the first and the last are all there. */
  readonly histogram: readonly Step[];
}

export interface Step {
  /** Above the step before, and up to here. */
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

  figures(): Figures {
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
      histogram: steps_of(sorted),
    };
  }
}

function steps_of(sorted: readonly (readonly [number, number])[]): Step[] {
  const steps: { up_to: number; count: number }[] = [];
  for (const [value, count] of sorted) {
    let last = steps.at(-1);
    if (last === undefined) steps.push((last = { up_to: first_step(value), count: 0 }));
    for (; last.up_to < value; steps.push((last = { up_to: next_step(last.up_to), count: 0 })));
    last.count += count;
  }
  return steps;
}

/** The least of 1, 2, 5, 10, … that is not below a value. */
export function first_step(value: number): number {
  let step = 1;
  while (step < value) step = next_step(step);
  return step;
}

/** The step behind one of 1, 2, 5, 10, …. */
export function next_step(step: number): number {
  return String(step).startsWith("2") ? step * 2.5 : step * 2;
}
