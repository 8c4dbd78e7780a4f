// Lists events of an execution, before and behind the place at hand, found by running it once more on the side.

import type { Operation, Recording } from "../../engine/replay/recording.ts";
import type { Sink, TraceEvent } from "../../engine/machine/trace.ts";
import { on_each } from "../../engine/observe/subscribe.ts";
import { ALL_EVENTS, describeEvent, taskOf, type StatementText } from "../../console/timeline.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { errors } from "../protocol/errors.ts";
import type { EventRow, Events, EventsArguments } from "../protocol/protocol.ts";

const DEFAULT_COUNT = 100;
const MAX_COUNT = 1_000;
/** So many steps are executed between two looks at whether enough was found. */
const STRIDE = 50_000;
/** So far beyond what was ever visited is searched: what may come without end is not waited for. */
const AHEAD = 10_000_000;

/** Answers the request `lockbreak/events`. Throws an AdapterError if the arguments make no sense. */
export function* listEvents(recording: Recording<Simulation>, args: EventsArguments, text: StatementText): Operation<Events> {
  const { from, count, match } = checked(args);
  const until = recording.furthest.step + AHEAD;
  const side = recording.fork();
  if (from > 1) yield* side.reach(({ events }) => events >= from - 1);
  const found: EventRow[] = [];
  const note: Sink = (event) => {
    if (event.number < from || found.length === count) return;
    const row = rowOf(event, text);
    if (match === "" || `${row.name} ${row.task} ${row.text}`.toLowerCase().includes(match)) found.push(row);
  };
  const { machine } = side.system;
  on_each(machine, ALL_EVENTS, note);
  while (found.length < count && machine.outcome === null && machine.step < until) yield* side.seek(machine.step + STRIDE);
  return { events: found, complete: machine.outcome !== null && found.length < count };
}

function checked({ from = 1, count = DEFAULT_COUNT, match = "" }: EventsArguments): Required<EventsArguments> {
  if (!Number.isInteger(from) || from < 1) throw errors.bad_request("'from' must be the number of an event, from 1");
  if (!Number.isInteger(count) || count < 1) throw errors.bad_request("'count' must be a number, from 1");
  if (typeof match !== "string") throw errors.bad_request("'match' must be a text");
  return { from, count: Math.min(count, MAX_COUNT), match: match.trim().toLowerCase() };
}

function rowOf(event: TraceEvent, text: StatementText): EventRow {
  return { event: event.number, name: event.name, time: event.time, task: taskOf(event)?.name ?? "", text: describeEvent(event, text) };
}
