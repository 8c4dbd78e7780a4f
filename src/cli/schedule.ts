// `--schedule`: what an exploration has found, followed by `run` and `step`.

import { ScheduleError } from "../engine/machine/schedule.ts";
import type { Program } from "../scenario/program.ts";
import { read_schedule } from "../scenario/run/scheduled.ts";
import type { RunOptions } from "../scenario/run/simulation.ts";
import { errors } from "./errors.ts";

/** The options of a run that follows the schedule `text` on its kernel. Throws a UserError if it is none, or one of something else. */
export function with_schedule(text: string | undefined, run: RunOptions, program: Program): RunOptions {
  if (text === undefined) return run;
  try {
    const { kernel, course, check } = read_schedule(text);
    if (run.kernel !== undefined && run.kernel !== kernel) throw errors.bad_schedule(`it is one of kernel ${kernel}, and --kernel says ${run.kernel}`);
    check(program);
    return { ...run, kernel, schedule: course };
  } catch (error) {
    if (error instanceof ScheduleError) throw errors.bad_schedule(error.message);
    throw error;
  }
}
