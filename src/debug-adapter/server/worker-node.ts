// The adapter as a worker thread of the extension on the desktop.

import { parentPort } from "node:worker_threads";
import { serve_worker } from "./worker.ts";

const port = parentPort!;
port.on("message", serve_worker((message) => port.postMessage(message), () => port.close()));
