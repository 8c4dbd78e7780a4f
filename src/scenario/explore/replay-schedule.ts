// Parses the schedule of a finding, for a run that replays it.

import { KERNEL_NAMES, type KernelName } from "../../engine/kernel/variants.ts";
import { parse_schedule, ScheduleError, type Schedule } from "../../engine/schedule/schedule.ts";
import type { Program } from "../program/program.ts";
import { scenarioFingerprint } from "./scenario-fingerprint.ts";

/** A parsed schedule. */
export interface ReplaySchedule {
  readonly kernel: KernelName;
  readonly schedule: Schedule;
  /** Throws a ScheduleError if the schedule was recorded with another scenario than `program`. */
  check(program: Program): void;
}

/** Parses a schedule. Throws a ScheduleError if the text is not a schedule, or names an unknown kernel. */
export function parseReplaySchedule(text: string): ReplaySchedule {
  const { kernel: name, scenario_fingerprint, schedule } = parse_schedule(text);
  const kernel = KERNEL_NAMES.find((known) => known === name);
  if (kernel === undefined) throw new ScheduleError(`there is no kernel '${name}'`);
  const check = (program: Program): void => {
    if (scenario_fingerprint !== scenarioFingerprint(program))
      throw new ScheduleError("it is one of another scenario, or this one has changed since");
  };
  return { kernel, schedule, check };
}
