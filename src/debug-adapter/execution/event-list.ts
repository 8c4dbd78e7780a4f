// Lists events of an execution, before and behind the current stop, by replaying the execution.

import type { ReplayJob, Recording } from "../../engine/replay/recording.ts";
import type { Sink, TraceEvent } from "../../engine/machine/trace.ts";
import { on_each } from "../../engine/observe/subscribe.ts";
import { ALL_EVENTS, describeEvent, eventTask, type StatementText } from "../../console/timeline.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import type { EventRow, EventList, EventListArguments } from "../protocol/protocol.ts";

const DEFAULT_COUNT = 100;
const MAX_COUNT = 1_000;
/** So many steps are executed before it is checked if enough events were found. */
const STRIDE = 50_000;
/** So many steps beyond the furthest one that was visited are searched, as the run may be endless. */
const MAX_STEPS_AHEAD = 10_000_000;

/** Answers the request `lockbreak/events`. Throws an AdapterError if the arguments are malformed. */
export function* listEvents(recording: Recording<Simulation>, args: EventListArguments, text: StatementText): ReplayJob<EventList> {
  const { from, count, match } = validate(args);
  const until = recording.furthest.step + MAX_STEPS_AHEAD;
  const replay = recording.fork();
  if (from > 1) yield* replay.seek_first(({ events }) => events >= from - 1);
  const found: EventRow[] = [];
  const collect: Sink = (event) => {
    if (event.number < from || found.length === count) return;
    const row = rowOf(event, text);
    if (match === "" || `${row.name} ${row.task} ${row.text}`.toLowerCase().includes(match)) found.push(row);
  };
  const { machine } = replay.system;
  on_each(machine, ALL_EVENTS, collect);
  while (found.length < count && machine.outcome === null && machine.step < until) yield* replay.seek(machine.step + STRIDE);
  return { events: found, complete: machine.outcome !== null && found.length < count };
}

function validate({ from = 1, count = DEFAULT_COUNT, match = "" }: EventListArguments): Required<EventListArguments> {
  if (!Number.isInteger(from) || from < 1) throw adapterErrors.malformedRequest("'from' must be the number of an event, from 1");
  if (!Number.isInteger(count) || count < 1) throw adapterErrors.malformedRequest("'count' must be a number, from 1");
  if (typeof match !== "string") throw adapterErrors.malformedRequest("'match' must be a text");
  return { from, count: Math.min(count, MAX_COUNT), match: match.trim().toLowerCase() };
}

function rowOf(event: TraceEvent, text: StatementText): EventRow {
  return { event: event.number, name: event.name, time: event.time, task: eventTask(event)?.name ?? "", text: describeEvent(event, text) };
}
