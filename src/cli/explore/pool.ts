// Who does the jobs of a search: this thread, or several others.

import { Worker as Thread } from "node:worker_threads";
import { Worker, type Job, type JobResult } from "../../engine/explore/jobs.ts";
import type { Bounds } from "../../engine/explore/runner.ts";
import type { KernelName } from "../../engine/kernel/kernels.ts";
import type { Program } from "../../scenario/program.ts";
import { explored } from "../../scenario/run/explored.ts";
import { turn } from "../terminal.ts";

/** What is explored, as plain data. */
export interface Subject {
  readonly program: Program;
  readonly kernel: KernelName;
  readonly bounds: Bounds;
}

export interface Pool {
  /** The results of all jobs, in their order. */
  do(jobs: readonly Job[]): Promise<JobResult[]>;
  close(): Promise<void>;
}

export function open_pool(subject: Subject, threads: number): Pool {
  return threads === 1 ? new OwnPool(subject) : new ThreadPool(subject, threads);
}

/** Does everything in this thread, and looks up between two jobs. */
class OwnPool implements Pool {
  private readonly worker: Worker;

  constructor({ program, kernel, bounds }: Subject) {
    this.worker = new Worker(explored(program, kernel), bounds);
  }

  async do(jobs: readonly Job[]): Promise<JobResult[]> {
    const results: JobResult[] = [];
    for (const job of jobs) {
      results.push(this.worker.do(job));
      await turn();
    }
    return results;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
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

/** Each thread has two jobs at a time, so that none waits for the next. */
const AHEAD = 2;

class ThreadPool implements Pool {
  private readonly threads: readonly Thread[];
  /** Rejects what is being done when a thread dies. */
  private fail: (error: Error) => void = () => undefined;

  constructor(subject: Subject, threads: number) {
    this.threads = Array.from({ length: threads }, () => new Thread(new URL("./explore-worker.mjs", import.meta.url), { workerData: subject }));
    for (const thread of this.threads) thread.on("error", (error: Error) => this.fail(error));
  }

  do(jobs: readonly Job[]): Promise<JobResult[]> {
    return new Promise((resolve, reject) => {
      const results: JobResult[] = [];
      let next = 0;
      let left = jobs.length;
      this.fail = reject;
      const send = (thread: Thread): void => {
        const number = next;
        if (number >= jobs.length) return;
        next += 1;
        thread.postMessage({ number, job: jobs[number]! } satisfies Order);
      };
      for (const thread of this.threads) {
        thread.removeAllListeners("message");
        thread.on("message", ({ number, result }: Delivery) => {
          results[number] = result;
          left -= 1;
          if (left === 0) resolve(results);
          else send(thread);
        });
      }
      for (let ahead = 0; ahead < AHEAD; ahead++) for (const thread of this.threads) send(thread);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.terminate()));
  }
}
