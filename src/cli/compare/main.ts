// `lockbreak compare`: one scenario on several kernels, side by side.

import { KERNEL_NAMES, type KernelName } from "../../engine/kernel/variants.ts";
import { COMPARE_EXECUTIONS, COMPARE_STEPS, comparisonOf, type ComparedKernel } from "../../console/comparison.ts";
import type { Program, Range } from "../../scenario/program/program.ts";
import { sourceExcerpt } from "../../scenario/program/source-excerpt.ts";
import { exploreInline, taskLimitExceeded } from "../../scenario/explore/scenario-search.ts";
import { SetupFailure } from "../../scenario/explore/scenario-world.ts";
import { measureRun } from "../../scenario/explore/measurements.ts";
import { createDeadlineCheck } from "../../debug-adapter/execution/event-loop.ts";
import type { CliOptions } from "../shared/arguments.ts";
import { runOperation, Interrupt } from "../shared/run-operation.ts";
import { cliErrors, EXIT } from "../shared/errors.ts";
import { format_count } from "../shared/format.ts";
import { requestedKernels } from "../shared/kernel-options.ts";
import { formatDiagnostic, loadScenario } from "../shared/load-scenario.ts";
import { stylerFor, ProgressLine } from "../shared/terminal.ts";
import { comparisonLines } from "./text.ts";

/** Raised when a field changes its meaning or goes away; new fields do not raise it. */
const COMPARE_SCHEMA = 2;

declare const __VERSION__: string;

/** `lockbreak compare FILE` */
export async function compareCommand(file: string, options: CliOptions): Promise<number> {
  const { program, lines, diagnostics } = loadScenario(file, { memory: options.size("limit-memory") });
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(file, diagnostic)}\n`);
  if (program === undefined) return EXIT.wrong;
  const limitExceeded = taskLimitExceeded(program);
  const requestedExecutions = options.count("executions");
  if (limitExceeded !== null && requestedExecutions !== undefined && requestedExecutions > 0)
    throw cliErrors.tooManyTasks(String(limitExceeded.tasks), String(limitExceeded.most));
  const requested = requestedKernels(options);
  const kernels = requested.length === 0 ? KERNEL_NAMES : requested;
  const executions = limitExceeded === null ? (requestedExecutions ?? COMPARE_EXECUTIONS) : 0;
  const interrupt = new Interrupt();
  interrupt.listen();
  const all: ComparedKernel[] = [];
  try {
    for (const kernel of kernels) {
      const one = await compareKernel(program, kernel, executions, interrupt, (range) => sourceExcerpt(lines, range));
      if (one === null) return EXIT.interrupted;
      all.push(one);
    }
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    throw cliErrors.setupFails(file, error.reason);
  } finally {
    interrupt.release();
  }
  if (options.has("json"))
    process.stdout.write(`${JSON.stringify({ schema: COMPARE_SCHEMA, lockbreak: __VERSION__, scenario: file, kernels: all })}\n`);
  else process.stdout.write(`${comparisonLines(comparisonOf(all, limitExceeded !== null), stylerFor(process.stdout)).join("\n")}\n`);
  return EXIT.ok;
}

/** Measures and explores one kernel; it is not explored if `executions` is 0. Null if the user interrupted it. */
async function compareKernel(
  program: Program,
  kernel: KernelName,
  executions: number,
  interrupt: Interrupt,
  quoted: (range: Range) => string,
): Promise<ComparedKernel | null> {
  const line = new ProgressLine();
  const measured = await runOperation(
    measureRun(program, kernel, { steps: COMPARE_STEPS }),
    line,
    interrupt,
    ({ step }) => `${kernel}: ${format_count(step)} steps (Ctrl-C ends)`,
  );
  if (measured === null) return null;
  if (executions === 0) return { ...measured, exploration: null };
  const exploration = await exploreInline(
    program,
    kernel,
    { executions },
    createDeadlineCheck(),
    {
      now: () => performance.now() / 1e3,
      onProgress: ({ executions: done }) => {
        line.update(() => `${kernel}: exploring, ${format_count(done)} executions (Ctrl-C ends)`);
        return interrupt.requested ? "interrupt" : null;
      },
    },
    quoted,
  );
  line.clear();
  return exploration.stopped === "interrupt" ? null : { ...measured, exploration };
}
