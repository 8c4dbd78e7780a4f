// The adapter as a worker thread of the extension on the desktop.

import { parentPort } from "node:worker_threads";
import { serveWorker } from "./worker.ts";

const port = parentPort!;
port.on(
  "message",
  serveWorker(
    (message) => port.postMessage(message),
    () => port.close(),
  ),
);
