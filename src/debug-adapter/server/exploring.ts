// Explorations and comparisons in the worker of the extension: from the text of a scenario to what was found, as messages.

import { KERNEL_NAMES, type KernelName } from "../../engine/kernel/variants.ts";
import { COMPARED_EXECUTIONS, COMPARED_STEPS, comparisonOf, type Compared } from "../../console/comparison.ts";
import { findingLines, resultLines } from "../../console/explored.ts";
import { PLAIN } from "../../console/paint.ts";
import { parseScenario, type Program, type Range } from "../../scenario/index.ts";
import { linesOf, quote } from "../../scenario/program/quote.ts";
import { SetupFailure } from "../../scenario/explore/explored.ts";
import { exploreHere, planOf, tooMany, type Explored, type ExploreOptions, type Live } from "../../scenario/explore/explore.ts";
import { measure } from "../../scenario/explore/measure.ts";
import type { CompareOrder, ExploreMessage, ExploreOrder, ExploreResult } from "../protocol/explore-messages.ts";
import { mistakes } from "../launch/launch.ts";
import { seldom } from "../execution/turn.ts";
import { inTurns, Pace } from "../execution/turns.ts";

/** Milliseconds between two messages about progress. */
const PROGRESS = 100;

/** A scenario that is explored or compared, on several kernels one after the other. */
interface Work {
  readonly program: Program;
  readonly kernels: readonly KernelName[];
  readonly quote: (range: Range) => string;
}

/** Takes one order at a time, and can be told that it is enough. */
export class Explorer {
  private enough = false;
  /** When progress was told. */
  private told = 0;

  constructor(private readonly post: (message: ExploreMessage) => void) {}

  end(): void {
    this.enough = true;
  }

  async obey(order: ExploreOrder | CompareOrder): Promise<void> {
    const parsed = parseScenario(order.text, order.name);
    const { program } = parsed;
    if (program === undefined) {
      const [first] = mistakes(parsed);
      return this.refuse(first!.message, first!.range.line);
    }
    const crowd = tooMany(program);
    if (crowd !== null && order.type === "explore") return this.refuse(`${crowd.tasks} tasks are too many to explore: tasks and the CPUs they are on may be ${crowd.most} together.`, null);
    const kernels = order.type === "explore" && !order.all ? [program.kernel as KernelName] : KERNEL_NAMES;
    const lines = linesOf(order.text);
    const work = { program, kernels, quote: (range: Range) => quote(lines, range) };
    try {
      await (order.type === "explore" ? this.exploreAll(work) : this.compareAll(work, crowd !== null));
    } catch (error) {
      if (!(error instanceof SetupFailure)) throw error;
      this.refuse(`The processes cannot be set up: ${error.reason}`, null);
    }
  }

  private refuse(reason: string, line: number | null): void {
    this.post({ type: "notExplored", reason, line });
  }

  private async exploreAll(work: Work): Promise<void> {
    const results: ExploreResult[] = [];
    for (const kernel of work.kernels) {
      const explored = await this.explore(work, kernel, results.length, {});
      results.push(resultOf(explored, planOf(work.program, {}).units));
      if (this.enough) break;
    }
    this.post({ type: "explored", results });
  }

  private async compareAll(work: Work, crowd: boolean): Promise<void> {
    const all: Compared[] = [];
    for (const kernel of work.kernels) {
      this.tell({ kernel, title: "running", executions: 0, findings: 0, done: 0, seconds: 0 }, all.length, work);
      const measured = await inTurns(measure(work.program, kernel, { steps: COMPARED_STEPS }), new Pace(), () => this.enough);
      const exploration = crowd || measured === null ? null : await this.explore(work, kernel, all.length, { executions: COMPARED_EXECUTIONS });
      if (this.enough || measured === null) return this.refuse("It was cancelled.", null);
      all.push({ ...measured.value, exploration });
    }
    this.post({ type: "compared", comparison: comparisonOf(all, crowd) });
  }

  private explore(work: Work, kernel: KernelName, before: number, options: ExploreOptions): Promise<Explored> {
    const look = (live: Live): "interrupt" | null => {
      this.tell(live, before, work);
      return this.enough ? "interrupt" : null;
    };
    return exploreHere(work.program, kernel, options, seldom(), { now: () => performance.now() / 1e3, look }, work.quote);
  }

  private tell(live: Live, before: number, { kernels }: Work): void {
    if (performance.now() - this.told < PROGRESS) return;
    this.told = performance.now();
    this.post({ type: "exploring", progress: { ...live, before, kernels: kernels.length } });
  }
}

function resultOf(explored: Explored, units: number): ExploreResult {
  const { kernel, verdict, findings } = explored;
  return {
    kernel,
    verdict,
    lines: resultLines(explored, units, PLAIN),
    findings: findings.map((found) => ({ lines: findingLines(found, PLAIN), schedule: found.schedule, story: found.story })),
  };
}
