// Measures a run of a scenario on one kernel: all figures by which kernels are compared. Platform-free; the result is plain data.

import type { KernelName } from "../../engine/kernel/variants.ts";
import type { Outcome } from "../../engine/machine/machine.ts";
import type { ReplayJob } from "../../engine/replay/recording.ts";
import { Latencies, type LatencyReport } from "../../engine/observe/latencies.ts";
import { report_of } from "../../engine/observe/report.ts";
import type { StatisticsSummary } from "../../engine/observe/statistics.ts";
import type { Program } from "../program/program.ts";
import { execute, modelTime } from "../run/execution.ts";
import { outcomeReason, SetupFailure } from "./scenario-world.ts";
import { concludeRun } from "../run/verdict.ts";
import { Simulation, type RunLimits } from "../run/simulation.ts";

export interface RunMeasurements extends LatencyReport {
  readonly kernel: KernelName;
  /** How the run has ended. */
  readonly outcome: Outcome["kind"];
  /** Model time from the end of the set-up to the end of the run, in nanoseconds. */
  readonly time: number;
  readonly checks: readonly { readonly text: string; readonly state: "passed" | "failed" | "open" }[];
  /** The findings of the kernel checks. */
  readonly bugs: readonly { readonly code: string; readonly message: string }[];
  readonly summary: StatisticsSummary;
}

/** Runs a scenario on `kernel` to its end, or to a limit, in slices. Throws a SetupFailure if its processes cannot be set up. */
export function* measureRun(program: Program, kernel: KernelName, limits: Partial<RunLimits>): ReplayJob<RunMeasurements> {
  const simulation = new Simulation(program, { kernel, limits, setupOnly: true });
  const { machine } = simulation;
  const setUp = yield* execute(simulation);
  if (setUp.kind !== "end") throw new SetupFailure(outcomeReason(setUp));
  machine.outcome = null;
  simulation.startTasks();
  const latencies = new Latencies(machine);
  const begun = modelTime(machine);
  const outcome = yield* execute(simulation);
  const { findings } = concludeRun(simulation, outcome);
  return {
    kernel,
    outcome: outcome.kind,
    time: modelTime(machine) - begun,
    checks: simulation.checks.results.map(({ check: { text }, state }) => ({ text, state })),
    bugs: findings.map((finding) => {
      const { code, message } = report_of(finding, simulation);
      return { code, message };
    }),
    summary: simulation.statistics.summary(),
    ...latencies.report(),
  };
}
