// `lockbreak compare`: one scenario on several kernels, side by side.

import { KERNEL_NAMES, type KernelName } from "../../engine/kernel/variants.ts";
import { COMPARED_EXECUTIONS, COMPARED_STEPS, comparisonOf, type Compared } from "../../console/comparison.ts";
import type { Program, Range } from "../../scenario/program/program.ts";
import { quote } from "../../scenario/program/quote.ts";
import { exploreHere, tooMany } from "../../scenario/explore/explore.ts";
import { SetupFailure } from "../../scenario/explore/explored.ts";
import { measure } from "../../scenario/explore/measure.ts";
import { seldom } from "../../debug-adapter/execution/turn.ts";
import type { Options } from "../shared/arguments.ts";
import { drive, Interrupt } from "../shared/drive.ts";
import { errors, EXIT } from "../shared/errors.ts";
import { format_count } from "../shared/format.ts";
import { knownKernels } from "../shared/kernels.ts";
import { formatDiagnostic, load } from "../shared/load.ts";
import { painter, ProgressLine } from "../shared/terminal.ts";
import { comparisonLines } from "./text.ts";

/** Raised when a field changes its meaning or goes away; new fields do not raise it. */
const SCHEMA = 1;

declare const __VERSION__: string;

/** `lockbreak compare FILE` */
export async function compareCommand(file: string, options: Options): Promise<number> {
  const { program, lines, diagnostics } = load(file, { memory: options.size("limit-memory") });
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(file, diagnostic)}\n`);
  if (program === undefined) return EXIT.wrong;
  const crowd = tooMany(program);
  const wanted = options.count("executions");
  if (crowd !== null && wanted !== undefined && wanted > 0) throw errors.too_many_tasks(String(crowd.tasks), String(crowd.most));
  const asked = knownKernels(options);
  const kernels = asked.length === 0 ? KERNEL_NAMES : asked;
  const executions = crowd === null ? (wanted ?? COMPARED_EXECUTIONS) : 0;
  const interrupt = new Interrupt();
  interrupt.listen();
  const all: Compared[] = [];
  try {
    for (const kernel of kernels) {
      const one = await compared(program, kernel, executions, interrupt, (range) => quote(lines, range));
      if (one === null) return EXIT.interrupted;
      all.push(one);
    }
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    throw errors.setup_fails(file, error.reason);
  } finally {
    interrupt.release();
  }
  if (options.has("json")) process.stdout.write(`${JSON.stringify({ schema: SCHEMA, lockbreak: __VERSION__, scenario: file, kernels: all })}\n`);
  else process.stdout.write(`${comparisonLines(comparisonOf(all, crowd !== null), painter(process.stdout)).join("\n")}\n`);
  return EXIT.ok;
}

/** One kernel, with so many executions for the explorer, or none; null if it was interrupted. */
async function compared(program: Program, kernel: KernelName, executions: number, interrupt: Interrupt, quoted: (range: Range) => string): Promise<Compared | null> {
  const line = new ProgressLine();
  const measured = await drive(measure(program, kernel, { steps: COMPARED_STEPS }), line, interrupt, ({ step }) => `${kernel}: ${format_count(step)} steps (Ctrl-C ends)`);
  if (measured === null) return null;
  if (executions === 0) return { ...measured, exploration: null };
  const exploration = await exploreHere(
    program,
    kernel,
    { executions },
    seldom(),
    {
      now: () => performance.now() / 1e3,
      look: ({ executions: done }) => {
        line.update(() => `${kernel}: exploring, ${format_count(done)} executions (Ctrl-C ends)`);
        return interrupt.requested ? "interrupt" : null;
      },
    },
    quoted,
  );
  line.clear();
  return exploration.stopped === "interrupt" ? null : { ...measured, exploration };
}
