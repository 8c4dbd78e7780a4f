// Trails: hits that were met on the way, for going back to them again and again without another search.

import type { Breakpoint, Hit } from "./hits.ts";

/** A place where going forwards stops: a hit, or without one the end of a step plan. */
export interface Found {
  readonly step: number;
  readonly hit: Hit | null;
}

interface Trail {
  readonly breakpoints: readonly Breakpoint[];
  /** All hits from the first of these up to, not including, this step are known. */
  readonly until: number;
  readonly hits: readonly Found[];
}

/** So many hits are remembered, and the trails of so many plans. */
export const TRAIL = 1_000;
const MAX_TRAILS = 8;

/** What tells a plan: undefined if nobody can tell where else it would end. */
type Key = string | undefined;

export class Trails {
  /** By the plan, the one used last at the end. */
  private readonly trails = new Map<string, Trail>();

  /** Another execution: none of them is in it. */
  clear(): void {
    this.trails.clear();
  }

  /** A search has met these, all that there are from the first of them up to, not including, step `until`. */
  keep(key: Key, breakpoints: readonly Breakpoint[], until: number, hits: readonly Found[]): void {
    if (key === undefined) return;
    this.trails.delete(key);
    this.trails.set(key, { breakpoints, until, hits: hits.slice(-TRAIL) });
    if (this.trails.size > MAX_TRAILS) this.trails.delete(this.trails.keys().next().value!);
  }

  /** A hit was met going forwards from step `from`: any other on the way would have stopped there. */
  lay(key: Key, breakpoints: readonly Breakpoint[], from: number, hit: Found): void {
    const known = this.of(key, breakpoints);
    if (known !== undefined && known.until > hit.step) return;
    const before = known !== undefined && known.until > from ? known.hits.filter(({ step }) => step <= from) : [];
    this.keep(key, breakpoints, hit.step + 1, [...before, hit]);
  }

  /** The last hit before step `now`; undefined if it is not known. */
  before(key: Key, breakpoints: readonly Breakpoint[], now: number): Found | undefined {
    const trail = this.of(key, breakpoints);
    return trail === undefined || trail.until < now ? undefined : trail.hits.findLast(({ step }) => step < now);
  }

  private of(key: Key, breakpoints: readonly Breakpoint[]): Trail | undefined {
    const trail = key === undefined ? undefined : this.trails.get(key);
    return trail?.breakpoints === breakpoints ? trail : undefined;
  }
}
