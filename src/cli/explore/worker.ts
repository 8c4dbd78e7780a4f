// A thread that does jobs of a search.

import { parentPort, workerData } from "node:worker_threads";
import { Worker } from "../../engine/explore/jobs.ts";
import type { Subject } from "../../scenario/run/explore.ts";
import { explored } from "../../scenario/run/explored.ts";
import type { Delivery, Order } from "./pool.ts";

const { program, kernel, bounds } = workerData as Subject;
const worker = new Worker(explored(program, kernel), bounds);

parentPort!.on("message", ({ number, job }: Order) => {
  parentPort!.postMessage({ number, result: worker.do(job) } satisfies Delivery);
});
