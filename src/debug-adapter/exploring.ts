// An exploration in the worker of the extension: from the text of a scenario to what was found, as messages.

import { KERNEL_NAMES, type KernelName } from "../engine/kernel/kernels.ts";
import { finding_lines, result_lines } from "../console/explored.ts";
import { PLAIN } from "../console/paint.ts";
import { parseScenario, type Program } from "../scenario/index.ts";
import { lines_of, quote } from "../scenario/quote.ts";
import { SetupFailure } from "../scenario/run/explored.ts";
import { explore, own_workforce, plan_of, subject_of, too_many, type Explored, type Live } from "../scenario/run/explore.ts";
import type { ExploreMessage, ExploreOrder, ExploreResult } from "./explore_messages.ts";
import { mistakes } from "./launch.ts";
import { next_turn } from "./turn.ts";

/** Milliseconds between two messages about progress. */
const PROGRESS = 100;
/** Milliseconds of work after which others have their turn. */
const SLICE = 20;

/** Explores, one order at a time, and can be told that it is enough. */
export class Explorer {
  private enough = false;

  constructor(private readonly post: (message: ExploreMessage) => void) {}

  end(): void {
    this.enough = true;
  }

  async explore({ name, text, all }: ExploreOrder): Promise<void> {
    const parsed = parseScenario(text, name);
    if (parsed.program === undefined) {
      const [first] = mistakes(parsed);
      return this.refuse(first!.message, first!.range.line);
    }
    const crowd = too_many(parsed.program);
    if (crowd !== null) return this.refuse(`${crowd.tasks} tasks are too many to explore: tasks and the CPUs they are on may be ${crowd.most} together.`, null);
    try {
      this.post({ type: "explored", results: await this.kernels(parsed.program, lines_of(text), all) });
    } catch (error) {
      if (!(error instanceof SetupFailure)) throw error;
      this.refuse(`The processes cannot be set up: ${error.reason}`, null);
    }
  }

  private refuse(reason: string, line: number | null): void {
    this.post({ type: "notExplored", reason, line });
  }

  private async kernels(program: Program, lines: readonly string[], all: boolean): Promise<ExploreResult[]> {
    const kernels = all ? KERNEL_NAMES : [program.kernel as KernelName];
    const plan = plan_of(program, {});
    const results: ExploreResult[] = [];
    let slice = performance.now();
    const pause = async (): Promise<void> => {
      if (performance.now() - slice < SLICE) return;
      await next_turn();
      slice = performance.now();
    };
    let told = 0;
    for (const kernel of kernels) {
      const subject = subject_of(program, kernel, plan);
      const round = (live: Live): "interrupt" | null => {
        if (performance.now() - told >= PROGRESS) {
          told = performance.now();
          this.post({ type: "exploring", progress: { ...live, before: results.length, kernels: kernels.length } });
        }
        return this.enough ? "interrupt" : null;
      };
      const explored = await explore(subject, plan, null, own_workforce(subject, pause), { now: () => performance.now() / 1e3, round }, (range) => quote(lines, range));
      results.push(result_of(explored, plan.units));
      if (this.enough) break;
    }
    return results;
  }
}

function result_of(explored: Explored, units: number): ExploreResult {
  const { kernel, verdict, findings } = explored;
  return {
    kernel,
    verdict,
    lines: result_lines(explored, units, PLAIN),
    findings: findings.map((found) => ({ lines: finding_lines(found, PLAIN), schedule: found.schedule, tasks: found.story.tasks, rows: found.story.rows })),
  };
}
