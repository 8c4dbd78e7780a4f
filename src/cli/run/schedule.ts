// `--schedule`: what an exploration has found, followed by `run` and `step`.

import type { KernelName } from "../../engine/kernel/variants.ts";
import { ScheduleError } from "../../engine/schedule/schedule.ts";
import type { Program } from "../../scenario/program/program.ts";
import { readSchedule, type Scheduled } from "../../scenario/explore/scheduled.ts";
import { errors } from "../shared/errors.ts";

/** Reads a schedule that is to be followed on `kernel`, if one was asked for. Throws a UserError if it is none, or one of another kernel. */
export function askedSchedule(text: string, kernel: KernelName | undefined): Scheduled {
  const schedule = told(() => readSchedule(text));
  if (kernel !== undefined && kernel !== schedule.kernel) throw errors.bad_schedule(`it is one of kernel ${schedule.kernel}, and --kernel says ${kernel}`);
  return schedule;
}

/** Throws a UserError if `schedule` is one of another scenario. */
export function checkSchedule(schedule: Scheduled | null, program: Program): void {
  told(() => schedule?.check(program));
}

/** Does something with a schedule; what is wrong with it is a UserError. */
function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ScheduleError ? errors.bad_schedule(error.message) : error;
  }
}
