// Explorations and comparisons in the worker of the extension: from the text of a scenario to what was found, as messages.

import { KERNEL_NAMES, type KernelName } from "../../engine/kernel/variants.ts";
import { COMPARED_EXECUTIONS, COMPARED_STEPS, comparison_of, type Compared } from "../../console/comparison.ts";
import { finding_lines, result_lines } from "../../console/explored.ts";
import { PLAIN } from "../../console/paint.ts";
import { parseScenario, type Program, type Range } from "../../scenario/index.ts";
import { lines_of, quote } from "../../scenario/program/quote.ts";
import { SetupFailure } from "../../scenario/explore/explored.ts";
import { explore_here, plan_of, too_many, type Explored, type ExploreOptions, type Live } from "../../scenario/explore/explore.ts";
import { measure } from "../../scenario/explore/measure.ts";
import type { CompareOrder, ExploreMessage, ExploreOrder, ExploreResult } from "../protocol/explore_messages.ts";
import { mistakes } from "../launch/launch.ts";
import { seldom } from "../execution/turn.ts";
import { in_turns, Pace } from "../execution/turns.ts";

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
    const crowd = too_many(program);
    if (crowd !== null && order.type === "explore") return this.refuse(`${crowd.tasks} tasks are too many to explore: tasks and the CPUs they are on may be ${crowd.most} together.`, null);
    const kernels = order.type === "explore" && !order.all ? [program.kernel as KernelName] : KERNEL_NAMES;
    const lines = lines_of(order.text);
    const work = { program, kernels, quote: (range: Range) => quote(lines, range) };
    try {
      await (order.type === "explore" ? this.explore_all(work) : this.compare_all(work, crowd !== null));
    } catch (error) {
      if (!(error instanceof SetupFailure)) throw error;
      this.refuse(`The processes cannot be set up: ${error.reason}`, null);
    }
  }

  private refuse(reason: string, line: number | null): void {
    this.post({ type: "notExplored", reason, line });
  }

  private async explore_all(work: Work): Promise<void> {
    const results: ExploreResult[] = [];
    for (const kernel of work.kernels) {
      const explored = await this.explore(work, kernel, results.length, {});
      results.push(result_of(explored, plan_of(work.program, {}).units));
      if (this.enough) break;
    }
    this.post({ type: "explored", results });
  }

  private async compare_all(work: Work, crowd: boolean): Promise<void> {
    const all: Compared[] = [];
    for (const kernel of work.kernels) {
      this.tell({ kernel, title: "running", executions: 0, findings: 0, done: 0, seconds: 0 }, all.length, work);
      const measured = await in_turns(measure(work.program, kernel, { steps: COMPARED_STEPS }), new Pace(), () => this.enough);
      const exploration = crowd || measured === null ? null : await this.explore(work, kernel, all.length, { executions: COMPARED_EXECUTIONS });
      if (this.enough || measured === null) return this.refuse("It was cancelled.", null);
      all.push({ ...measured.value, exploration });
    }
    this.post({ type: "compared", comparison: comparison_of(all, crowd) });
  }

  private explore(work: Work, kernel: KernelName, before: number, options: ExploreOptions): Promise<Explored> {
    const look = (live: Live): "interrupt" | null => {
      this.tell(live, before, work);
      return this.enough ? "interrupt" : null;
    };
    return explore_here(work.program, kernel, options, seldom(), { now: () => performance.now() / 1e3, look }, work.quote);
  }

  private tell(live: Live, before: number, { kernels }: Work): void {
    if (performance.now() - this.told < PROGRESS) return;
    this.told = performance.now();
    this.post({ type: "exploring", progress: { ...live, before, kernels: kernels.length } });
  }
}

function result_of(explored: Explored, units: number): ExploreResult {
  const { kernel, verdict, findings } = explored;
  return {
    kernel,
    verdict,
    lines: result_lines(explored, units, PLAIN),
    findings: findings.map((found) => ({ lines: finding_lines(found, PLAIN), schedule: found.schedule, story: found.story })),
  };
}
