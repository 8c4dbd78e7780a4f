// `--schedule`: what an exploration has found, followed by `run` and `step`.

import { KERNEL_NAMES } from "../engine/kernel/kernels.ts";
import { parse_schedule, ScheduleError, type Schedule } from "../engine/machine/schedule.ts";
import type { Program } from "../scenario/program.ts";
import { fingerprint_of } from "../scenario/run/fingerprint.ts";
import type { RunOptions } from "../scenario/run/simulation.ts";
import { errors } from "./errors.ts";

/** The options of a run that follows the schedule `text` on its kernel. Throws a UserError if it is none, or one of something else. */
export function with_schedule(text: string | undefined, run: RunOptions, program: Program): RunOptions {
  if (text === undefined) return run;
  const { kernel, of, course } = read(text);
  const known = KERNEL_NAMES.find((name) => name === kernel);
  if (known === undefined) throw errors.bad_schedule(`there is no kernel '${kernel}'`);
  if (run.kernel !== undefined && run.kernel !== known) throw errors.bad_schedule(`it is one of kernel ${kernel}, and --kernel says ${run.kernel}`);
  if (of !== fingerprint_of(program)) throw errors.bad_schedule("it is one of another scenario, or this one has changed since");
  return { ...run, kernel: known, schedule: course };
}

function read(text: string): Schedule {
  try {
    return parse_schedule(text);
  } catch (error) {
    if (error instanceof ScheduleError) throw errors.bad_schedule(error.message);
    throw error;
  }
}
