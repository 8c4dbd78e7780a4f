// A worker thread that executes jobs of a search.

import { parentPort, workerData } from "node:worker_threads";
import { Worker } from "../../engine/explore/jobs.ts";
import type { SearchTarget } from "../../scenario/explore/scenario-search.ts";
import { scenarioBoot, SetupFailure } from "../../scenario/explore/scenario-world.ts";
import type { JobReply, JobRequest, SetupFailureReply } from "./worker-pool.ts";

const { program, kernel, bounds } = workerData as SearchTarget;

/** The worker of the thread; null if the processes of the scenario cannot be set up, which has been posted. */
function makeWorker(): Worker | null {
  try {
    return new Worker(scenarioBoot(program, kernel), bounds);
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    parentPort!.postMessage({ setupFailure: error.reason } satisfies SetupFailureReply);
    return null;
  }
}

const worker = makeWorker();
parentPort!.on("message", ({ number, job }: JobRequest) => {
  if (worker !== null) parentPort!.postMessage({ number, result: worker.do(job) } satisfies JobReply);
});
