// Who does the jobs of a search: this thread, or several others.

import { Worker as Thread } from "node:worker_threads";
import type { Job, JobResult } from "../../engine/explore/jobs.ts";
import { own_workforce, type Subject, type Workforce } from "../../scenario/run/explore.ts";
import { turn } from "../terminal.ts";

export interface Pool extends Workforce {
  close(): Promise<void>;
}

export function open_pool(subject: Subject, threads: number): Pool {
  if (threads > 1) return new ThreadPool(subject, threads);
  return { ...own_workforce(subject, turn), close: () => Promise.resolve() };
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
