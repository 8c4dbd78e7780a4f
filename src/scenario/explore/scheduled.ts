// A run that follows what an exploration has found.

import { KERNEL_NAMES, type KernelName } from "../../engine/kernel/variants.ts";
import { parse_schedule, ScheduleError, type Course } from "../../engine/schedule/schedule.ts";
import type { Program } from "../program/program.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** A schedule that was read. */
export interface Scheduled {
  readonly kernel: KernelName;
  readonly course: Course;
  /** Throws a ScheduleError if it is one of something else than `program`. */
  check(program: Program): void;
}

/** Reads a schedule. Throws a ScheduleError if the text is none, or one of a kernel that there is not. */
export function readSchedule(text: string): Scheduled {
  const { kernel: name, of, course } = parse_schedule(text);
  const kernel = KERNEL_NAMES.find((known) => known === name);
  if (kernel === undefined) throw new ScheduleError(`there is no kernel '${name}'`);
  const check = (program: Program): void => {
    if (of !== fingerprintOf(program)) throw new ScheduleError("it is one of another scenario, or this one has changed since");
  };
  return { kernel, course, check };
}
