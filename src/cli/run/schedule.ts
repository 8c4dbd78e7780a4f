// `--schedule`: the schedule of a finding, which `run` and `step` replay.

import type { KernelName } from "../../engine/kernel/variants.ts";
import { ScheduleError } from "../../engine/schedule/schedule.ts";
import type { Program } from "../../scenario/program/program.ts";
import { parseReplaySchedule, type ReplaySchedule } from "../../scenario/explore/replay-schedule.ts";
import { cliErrors } from "../shared/errors.ts";

/** Parses a schedule for a run on `kernel`, if one was requested. Throws a UserError if it is invalid, or one of another kernel. */
export function requestedSchedule(text: string, kernel: KernelName | undefined): ReplaySchedule {
  const schedule = withUserErrors(() => parseReplaySchedule(text));
  if (kernel !== undefined && kernel !== schedule.kernel)
    throw cliErrors.badSchedule(`it is one of kernel ${schedule.kernel}, and --kernel says ${kernel}`);
  return schedule;
}

/** Throws a UserError if `schedule` is one of another scenario. */
export function checkSchedule(schedule: ReplaySchedule | null, program: Program): void {
  withUserErrors(() => schedule?.check(program));
}

/** Runs `work`, and turns a ScheduleError of it into a UserError. */
function withUserErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ScheduleError ? cliErrors.badSchedule(error.message) : error;
  }
}
