// The selection of the events that a timeline shows.

import { ALL_EVENTS } from "../../console/timeline.ts";
import { ESSENTIAL_TRACEPOINTS, type TracepointName } from "../../engine/machine/trace.ts";
import { nearestName } from "../../scenario/program/spelling.ts";
import { didYouMean, cliErrors } from "../shared/errors.ts";

/** The default selection. */
const DEFAULT_EVENTS: readonly TracepointName[] = [...ESSENTIAL_TRACEPOINTS, "sched_switch", "need_resched", "signal"];

/** The value of --events. Throws a UserError for a word that is no event. */
export function parseEventSelection(text: string | undefined): readonly TracepointName[] {
  if (text === undefined) return DEFAULT_EVENTS;
  if (text === "all") return ALL_EVENTS;
  if (text === "none") return [];
  return text
    .split(",")
    .filter((word) => word !== "")
    .map((word) => {
      const name = word.trim();
      const known = ALL_EVENTS.find((event) => event === name);
      if (known === undefined) throw cliErrors.unknownEvent(name, didYouMean(nearestName(name, ALL_EVENTS)));
      return known;
    });
}
