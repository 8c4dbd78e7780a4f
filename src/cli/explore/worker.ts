// A thread that does jobs of a search.

import { parentPort, workerData } from "node:worker_threads";
import { Worker } from "../../engine/explore/jobs.ts";
import type { Subject } from "../../scenario/explore/explore.ts";
import { explored, SetupFailure } from "../../scenario/explore/explored.ts";
import type { Delivery, Order, Refusal } from "./pool.ts";

const { program, kernel, bounds } = workerData as Subject;

/** What the thread is made for; null if the processes of the scenario cannot be set up, which has been told. */
function makeWorker(): Worker | null {
  try {
    return new Worker(explored(program, kernel), bounds);
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    parentPort!.postMessage({ refused: error.reason } satisfies Refusal);
    return null;
  }
}

const worker = makeWorker();
parentPort!.on("message", ({ number, job }: Order) => {
  if (worker !== null) parentPort!.postMessage({ number, result: worker.do(job) } satisfies Delivery);
});
