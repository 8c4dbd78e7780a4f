// A schedule as text, held against the scenario that is to follow it.

import { KERNEL_NAMES, type KernelName } from "../../engine/kernel/kernels.ts";
import { parse_schedule, ScheduleError, type Course } from "../../engine/machine/schedule.ts";
import type { Program } from "../program.ts";
import { fingerprint_of } from "./fingerprint.ts";

/**
 * The kernel and the course of a schedule. Throws a ScheduleError if the text is none, or one of something else.
 * @param kernel the one that was asked for besides; undefined if none was
 */
export function read_schedule(text: string, program: Program, kernel: string | undefined): { readonly kernel: KernelName; readonly schedule: Course } {
  const { kernel: name, of, course } = parse_schedule(text);
  const known = KERNEL_NAMES.find((one) => one === name);
  if (known === undefined) throw new ScheduleError(`there is no kernel '${name}'`);
  if (kernel !== undefined && kernel !== known) throw new ScheduleError(`it is one of kernel ${name}, not ${kernel}`);
  if (of !== fingerprint_of(program)) throw new ScheduleError("it is one of another scenario, or this one has changed since");
  return { kernel: known, schedule: course };
}
