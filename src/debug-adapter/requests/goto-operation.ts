// A place in time that a client names, as an operation of the execution.

import { format_time } from "../../console/format.ts";
import { hasReached } from "../../console/navigation-commands.ts";
import type { Stop } from "../../engine/replay/recording.ts";
import type { Execution } from "../execution/execution.ts";
import type { ResumeRequest } from "../execution/stops.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import type { GotoArguments } from "../protocol/protocol.ts";

/** The operation that goes to an event, a model time or a step. Throws an AdapterError unless the arguments name one of them. */
export function gotoOperation(execution: Execution, args: GotoArguments): [ResumeRequest, () => Promise<Stop | null>] {
  const name = (["event", "time", "step"] as const).find((key) => args[key] !== undefined);
  const value = name === undefined ? NaN : args[name]!;
  if (!Number.isFinite(value) || value < 0)
    throw adapterErrors.malformedRequest("one of 'event', 'time', 'step' must be a number, or 'to' a word");
  if (name === "step") return [{ kind: "goto", destination: `step ${value}` }, () => execution.toStep(value)];
  if (value === 0) return [{ kind: "entry" }, () => execution.toStart()];
  const destination = name === "event" ? `behind event ${value}` : `at ${format_time(value)}`;
  const title = name === "event" ? `event ${value}` : format_time(value);
  return [{ kind: "goto", destination }, () => execution.toFirstWhere(hasReached(name!, value), title)];
}
