// The worker pools of `lockbreak explore`: this thread alone, or several worker threads.

import { Worker as Thread } from "node:worker_threads";
import type { Job, JobResult } from "../../engine/explore/jobs.ts";
import { inlineWorkerPool, type SearchTarget, type RoundResults, type WorkerPool } from "../../scenario/explore/scenario-search.ts";
import { SetupFailure } from "../../scenario/explore/scenario-world.ts";
import { createDeadlineCheck } from "../../debug-adapter/execution/event-loop.ts";

export interface ClosableWorkerPool extends WorkerPool {
  close(): Promise<void>;
}

export function openWorkerPool(target: SearchTarget, threads: number): ClosableWorkerPool {
  if (threads > 1) return new WorkerThreadPool(target, threads);
  return { ...inlineWorkerPool(target, createDeadlineCheck()), close: () => Promise.resolve() };
}

/** The message to a worker thread. */
export interface JobRequest {
  readonly number: number;
  readonly job: Job;
}

/** The reply to a JobRequest. */
export interface JobReply {
  readonly number: number;
  readonly result: JobResult;
}

/** The message from a worker thread that cannot set up the processes of the scenario. */
export interface SetupFailureReply {
  readonly setupFailure: string;
}

/** Each thread has two jobs at a time, so that none waits for the next. */
const JOBS_PER_THREAD = 2;
/** Wall-clock milliseconds between two checks whether the search is to stop. */
const STOP_CHECK_INTERVAL = 50;

class WorkerThreadPool implements ClosableWorkerPool {
  private threads: readonly Thread[] = [];
  private stopTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly target: SearchTarget,
    private readonly count: number,
  ) {}

  async run(jobs: readonly Job[], shouldStop: (executions: number) => boolean): Promise<RoundResults> {
    if (this.threads.length === 0)
      this.threads = Array.from(
        { length: this.count },
        () => new Thread(new URL("./explore-worker.mjs", import.meta.url), { workerData: this.target }),
      );
    const results: JobResult[] = [];
    const complete = await this.distribute(jobs, results, shouldStop).finally(() => clearInterval(this.stopTimer));
    // The results of the running jobs are not needed any more, and a job cannot be stopped otherwise.
    if (!complete) await this.close();
    return { results: results.filter((result) => result !== undefined), complete };
  }

  async close(): Promise<void> {
    const { threads } = this;
    this.threads = [];
    await Promise.all(threads.map((thread) => thread.terminate()));
  }

  /** Distributes the jobs over the threads. True if all were executed, false if `shouldStop` ended the round. */
  private distribute(jobs: readonly Job[], results: JobResult[], shouldStop: (executions: number) => boolean): Promise<boolean> {
    return new Promise<boolean>((resolve, reject) => {
      let next = 0;
      let unfinished = jobs.length;
      let executions = 0;
      this.stopTimer = setInterval(() => {
        if (shouldStop(executions)) resolve(false);
      }, STOP_CHECK_INTERVAL);
      const send = (thread: Thread): void => {
        const number = next;
        if (number >= jobs.length) return;
        next += 1;
        thread.postMessage({ number, job: jobs[number]! } satisfies JobRequest);
      };
      for (const thread of this.threads) {
        thread.removeAllListeners("message").removeAllListeners("error");
        thread.on("error", reject);
        thread.on("message", (message: JobReply | SetupFailureReply) => {
          if ("setupFailure" in message) return reject(new SetupFailure(message.setupFailure));
          results[message.number] = message.result;
          executions += message.result.executions;
          unfinished -= 1;
          if (unfinished === 0) resolve(true);
          else if (shouldStop(executions)) resolve(false);
          else send(thread);
        });
      }
      for (let ahead = 0; ahead < JOBS_PER_THREAD; ahead++) for (const thread of this.threads) send(thread);
    });
  }
}
