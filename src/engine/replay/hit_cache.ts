// The hit cache: the stop points that a search or a run forwards has met, so that going back to them takes no other search.

import type { Breakpoint, Hit } from "./breakpoint_matcher.ts";

/** A step before which `forward` stops: at a hit, or if that is null at the end of a step plan. */
export interface StopPoint {
  readonly step: number;
  readonly hit: Hit | null;
}

interface CachedHits {
  readonly breakpoints: readonly Breakpoint[];
  /** `hits` are all there are from the first of them up to, not including, this step. */
  readonly until: number;
  readonly hits: readonly StopPoint[];
}

/** The most hits that are cached for a plan, and the most plans. */
export const MAX_CACHED_HITS = 1_000;
const MAX_CACHED_PLANS = 8;

/** The key of a plan; undefined for plans that are not cached. */
type PlanKey = string | undefined;

export class HitCache {
  /** By plan, in order of use, the last one at the end. */
  private readonly entries = new Map<string, CachedHits>();

  /** Another branch is looked at: none of the hits is known to be in it. */
  clear(): void {
    this.entries.clear();
  }

  /** Stores what a search has met: all hits that there are from the first of `hits` up to, not including, step `until`. */
  store(key: PlanKey, breakpoints: readonly Breakpoint[], until: number, hits: readonly StopPoint[]): void {
    if (key === undefined) return;
    this.entries.delete(key);
    this.entries.set(key, { breakpoints, until, hits: hits.slice(-MAX_CACHED_HITS) });
    if (this.entries.size > MAX_CACHED_PLANS) this.entries.delete(this.entries.keys().next().value!);
  }

  /** Adds a hit that was met by running forwards from step `from`: a hit between the two would have stopped that run. */
  add_forward_hit(key: PlanKey, breakpoints: readonly Breakpoint[], from: number, hit: StopPoint): void {
    const cached = this.lookup(key, breakpoints);
    if (cached !== undefined && cached.until > hit.step) return;
    const before = cached !== undefined && cached.until > from ? cached.hits.filter(({ step }) => step <= from) : [];
    this.store(key, breakpoints, hit.step + 1, [...before, hit]);
  }

  /** The last hit before step `now`; undefined if the cache does not know it. */
  last_before(key: PlanKey, breakpoints: readonly Breakpoint[], now: number): StopPoint | undefined {
    const cached = this.lookup(key, breakpoints);
    return cached === undefined || cached.until < now ? undefined : cached.hits.findLast(({ step }) => step < now);
  }

  private lookup(key: PlanKey, breakpoints: readonly Breakpoint[]): CachedHits | undefined {
    const cached = key === undefined ? undefined : this.entries.get(key);
    return cached?.breakpoints === breakpoints ? cached : undefined;
  }
}
