// The adapter as a Worker of the extension on the web.

import { serve_worker } from "./worker.ts";

/** As much of a DedicatedWorkerGlobalScope as is needed. */
interface WorkerScope {
  onmessage: ((event: { readonly data: never }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

const scope = globalThis as unknown as WorkerScope;
const handle = serve_worker((message) => scope.postMessage(message), () => scope.close());
scope.onmessage = ({ data }) => handle(data);
