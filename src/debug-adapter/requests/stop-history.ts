// The stops that were reported to the client, in order, as the history of a browser: the requests for the previous and the
// next stop walk along it.

/** A stop that was reported, as a place in time to go to. */
export interface VisitedStop {
  readonly step: number;
  /** It is the end of the run, which lies behind that step. */
  readonly ended: boolean;
  /** What happened there, in a few words. */
  readonly text: string;
}

/** The oldest stops beyond this number are forgotten. */
const MAX_STOPS = 1_000;

export class StopHistory {
  private stops: VisitedStop[] = [];
  /** The current stop; -1 while there is none. */
  private index = -1;

  /** A new stop follows the current one; the stops that followed it before are forgotten. */
  add(stop: VisitedStop): void {
    this.stops = [...this.stops.slice(0, this.index + 1), stop].slice(-MAX_STOPS);
    this.index = this.stops.length - 1;
  }

  /** Makes the previous (-1) or the next (1) stop the current one; null if there is none. */
  move(offset: -1 | 1): VisitedStop | null {
    const stop = this.stops[this.index + offset];
    if (stop === undefined) return null;
    this.index += offset;
    return stop;
  }

  /** In another branch only the current stop still exists. */
  keepCurrent(): void {
    this.stops = this.stops.slice(this.index, this.index + 1);
    this.index = this.stops.length - 1;
  }

  clear(): void {
    this.stops = [];
    this.index = -1;
  }
}
