// The adapter as a Worker of the extension on the web.

import type { WorkerMessage } from "../protocol/protocol.ts";
import { serveWorker } from "./worker.ts";

/** As much of a DedicatedWorkerGlobalScope as is needed. */
interface WorkerScope {
  onmessage: ((event: { readonly data: never }) => void) | null;
  onunhandledrejection: ((event: { readonly reason: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

const scope = globalThis as unknown as WorkerScope;
const handle = serveWorker(
  (message) => scope.postMessage(message),
  () => scope.close(),
);
scope.onmessage = ({ data }) => handle(data);
// The browser reports an error to the thread that has started the worker, but not a rejected promise.
scope.onunhandledrejection = ({ reason }) => {
  const failed: WorkerMessage = { type: "failed", reason: reason instanceof Error ? (reason.stack ?? reason.message) : String(reason) };
  scope.postMessage(failed);
};
