// Which events a timeline shows.

import { ALL_EVENTS } from "../../console/timeline.ts";
import type { TracepointName } from "../../engine/machine/trace.ts";
import { suggest } from "../../scenario/program/suggest.ts";
import { didYouMean, errors } from "../shared/errors.ts";

/** What a timeline shows if nobody asks for more: what tells the story, without what happens for every block or page. */
const DEFAULT_EVENTS: readonly TracepointName[] = [
  "lock_contended", "lockbreak", "restart", "vma_skip", "vma_complete", "truncate_count_wrap", "nopage_retry",
  "sched_switch", "need_resched", "bug", "check_failed", "signal", "syscall_enter", "syscall_exit",
];

/** The value of --events. Throws a UserError for a word that is no event. */
export function parseEvents(text: string | undefined): readonly TracepointName[] {
  if (text === undefined) return DEFAULT_EVENTS;
  if (text === "all") return ALL_EVENTS;
  if (text === "none") return [];
  return text.split(",").filter((word) => word !== "").map((word) => {
    const name = word.trim();
    const known = ALL_EVENTS.find((event) => event === name);
    if (known === undefined) throw errors.unknown_event(name, didYouMean(suggest(name, ALL_EVENTS)));
    return known;
  });
}
