// Answers the extension's requests to explore a scenario or to compare kernels, in a worker: messages in, messages out.

import { KERNEL_NAMES, type KernelName } from "../../engine/kernel/variants.ts";
import { COMPARE_EXECUTIONS, COMPARE_STEPS, comparisonOf, type ComparedKernel } from "../../console/comparison.ts";
import { findingLines, searchResultLines } from "../../console/search-report.ts";
import { UNSTYLED } from "../../console/text-style.ts";
import { parseScenario, type Program, type Range } from "../../scenario/index.ts";
import { splitLines, sourceExcerpt } from "../../scenario/program/source-excerpt.ts";
import { SetupFailure } from "../../scenario/explore/scenario-world.ts";
import {
  exploreInline,
  searchPlan,
  taskLimitExceeded,
  type SearchResult,
  type ExploreOptions,
  type SearchProgress,
} from "../../scenario/explore/scenario-search.ts";
import { measureRun } from "../../scenario/explore/measurements.ts";
import type { CompareRequest, ExploreMessage, ExploreRequest, ExploreResult } from "../protocol/explore-messages.ts";
import { scenarioErrors } from "../launch/debuggee.ts";
import { createDeadlineCheck } from "../execution/event-loop.ts";
import { driveInSlices, SlicePacer } from "../execution/slices.ts";

/** Milliseconds between two messages about progress. */
const PROGRESS_INTERVAL = 100;

/** A scenario that is explored or compared, on several kernels one after the other. */
interface ExplorationTask {
  readonly program: Program;
  readonly kernels: readonly KernelName[];
  readonly quote: (range: Range) => string;
}

/** Handles one request at a time, and can be interrupted: what was found until then is the result. */
export class ExplorationServer {
  private interrupted = false;
  /** When the last message about progress was sent. */
  private lastProgressTime = 0;

  constructor(private readonly post: (message: ExploreMessage) => void) {}

  interrupt(): void {
    this.interrupted = true;
  }

  async handle(request: ExploreRequest | CompareRequest): Promise<void> {
    const parsed = parseScenario(request.text, request.name);
    const { program } = parsed;
    if (program === undefined) {
      const [first] = scenarioErrors(parsed);
      return this.refuse(first!.message, first!.range.line);
    }
    const limit = taskLimitExceeded(program);
    if (limit !== null && request.type === "explore")
      return this.refuse(
        `${limit.tasks} tasks are too many to explore: tasks and the CPUs they are on may be ${limit.most} together.`,
        null,
      );
    const kernels = request.type === "explore" && !request.allKernels ? [program.kernel as KernelName] : KERNEL_NAMES;
    const lines = splitLines(request.text);
    const work = { program, kernels, quote: (range: Range) => sourceExcerpt(lines, range) };
    try {
      await (request.type === "explore" ? this.exploreAll(work) : this.compareAll(work, limit !== null));
    } catch (error) {
      if (!(error instanceof SetupFailure)) throw error;
      this.refuse(`The processes cannot be set up: ${error.reason}`, null);
    }
  }

  private refuse(reason: string, line: number | null): void {
    this.post({ type: "notExplored", reason, line });
  }

  private async exploreAll(work: ExplorationTask): Promise<void> {
    const results: ExploreResult[] = [];
    for (const kernel of work.kernels) {
      const explored = await this.explore(work, kernel, results.length, {});
      results.push(resultOf(explored, searchPlan(work.program, {}).max_transitions));
      if (this.interrupted) break;
    }
    this.post({ type: "explored", results });
  }

  private async compareAll(work: ExplorationTask, tooManyTasks: boolean): Promise<void> {
    const all: ComparedKernel[] = [];
    for (const kernel of work.kernels) {
      this.postProgress({ kernel, title: "running", executions: 0, findings: 0, done: 0, seconds: 0 }, all.length, work);
      const measured = await driveInSlices(
        measureRun(work.program, kernel, { steps: COMPARE_STEPS }),
        new SlicePacer(),
        () => this.interrupted,
      );
      const exploration =
        tooManyTasks || measured === null ? null : await this.explore(work, kernel, all.length, { executions: COMPARE_EXECUTIONS });
      if (this.interrupted || measured === null) return this.refuse("It was cancelled.", null);
      all.push({ ...measured.value, exploration });
    }
    this.post({ type: "compared", comparison: comparisonOf(all, tooManyTasks) });
  }

  private explore(work: ExplorationTask, kernel: KernelName, kernelsDone: number, options: ExploreOptions): Promise<SearchResult> {
    const onProgress = (live: SearchProgress): "interrupt" | null => {
      this.postProgress(live, kernelsDone, work);
      return this.interrupted ? "interrupt" : null;
    };
    return exploreInline(
      work.program,
      kernel,
      options,
      createDeadlineCheck(),
      { now: () => performance.now() / 1e3, onProgress },
      work.quote,
    );
  }

  private postProgress(live: SearchProgress, kernelsDone: number, { kernels }: ExplorationTask): void {
    if (performance.now() - this.lastProgressTime < PROGRESS_INTERVAL) return;
    this.lastProgressTime = performance.now();
    this.post({ type: "exploring", progress: { ...live, kernelsDone, kernels: kernels.length } });
  }
}

function resultOf(explored: SearchResult, units: number): ExploreResult {
  const { kernel, verdict, findings } = explored;
  return {
    kernel,
    verdict,
    lines: searchResultLines(explored, units, UNSTYLED),
    findings: findings.map((found) => ({ lines: findingLines(found, UNSTYLED), schedule: found.schedule, traceTable: found.table })),
  };
}
