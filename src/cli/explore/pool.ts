// Who does the jobs of a search: this thread, or several others.

import { Worker as Thread } from "node:worker_threads";
import type { Job, JobResult } from "../../engine/explore/jobs.ts";
import { ownWorkforce, type Subject, type Work, type Workforce } from "../../scenario/explore/explore.ts";
import { SetupFailure } from "../../scenario/explore/explored.ts";
import { seldom } from "../../debug-adapter/execution/turn.ts";

export interface Pool extends Workforce {
  close(): Promise<void>;
}

export function openPool(subject: Subject, threads: number): Pool {
  if (threads > 1) return new ThreadPool(subject, threads);
  return { ...ownWorkforce(subject, seldom()), close: () => Promise.resolve() };
}

/** What goes to a thread and comes back. */
export interface Order {
  readonly number: number;
  readonly job: Job;
}

export interface Delivery {
  readonly number: number;
  readonly result: JobResult;
}

/** What comes back instead if the processes of the scenario cannot be set up. */
export interface Refusal {
  readonly refused: string;
}

/** Each thread has two jobs at a time, so that none waits for the next. */
const AHEAD = 2;
/** Wall-clock milliseconds between two questions whether it is enough. */
const ASKED = 50;

class ThreadPool implements Pool {
  private threads: readonly Thread[] = [];
  private watch: NodeJS.Timeout | undefined;

  constructor(
    private readonly subject: Subject,
    private readonly count: number,
  ) {}

  async do(jobs: readonly Job[], enough: (executions: number) => boolean): Promise<Work> {
    if (this.threads.length === 0) this.threads = Array.from({ length: this.count }, () => new Thread(new URL("./explore-worker.mjs", import.meta.url), { workerData: this.subject }));
    const results: JobResult[] = [];
    const whole = await this.shareOut(jobs, results, enough).finally(() => clearInterval(this.watch));
    // What the threads are at is of no use any more, and there is no other way to stop them.
    if (!whole) await this.close();
    return { results: results.filter((result) => result !== undefined), whole };
  }

  async close(): Promise<void> {
    const { threads } = this;
    this.threads = [];
    await Promise.all(threads.map((thread) => thread.terminate()));
  }

  /** Has all jobs done, unless it is enough before that. */
  private shareOut(jobs: readonly Job[], results: JobResult[], enough: (executions: number) => boolean): Promise<boolean> {
    return new Promise<boolean>((resolve, reject) => {
      let next = 0;
      let left = jobs.length;
      let executions = 0;
      this.watch = setInterval(() => {
        if (enough(executions)) resolve(false);
      }, ASKED);
      const send = (thread: Thread): void => {
        const number = next;
        if (number >= jobs.length) return;
        next += 1;
        thread.postMessage({ number, job: jobs[number]! } satisfies Order);
      };
      for (const thread of this.threads) {
        thread.removeAllListeners("message").removeAllListeners("error");
        thread.on("error", reject);
        thread.on("message", (message: Delivery | Refusal) => {
          if ("refused" in message) return reject(new SetupFailure(message.refused));
          results[message.number] = message.result;
          executions += message.result.executions;
          left -= 1;
          if (left === 0) resolve(true);
          else if (enough(executions)) resolve(false);
          else send(thread);
        });
      }
      for (let ahead = 0; ahead < AHEAD; ahead++) for (const thread of this.threads) send(thread);
    });
  }
}
