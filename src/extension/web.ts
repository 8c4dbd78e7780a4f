// Entry point in an extension host that is a browser's worker. Other workers can't be started from the extension's own
// address when it is remote, so their code is read through the editor's file system and started from a Blob.

import { Uri, workspace, type ExtensionContext } from "vscode";
import { runExtension, stopExtension } from "./extension.ts";
import type { AdapterWorker, Host } from "./host/host.ts";

// The one platform class that neither vscode's nor Node's types declare.
declare class Worker {
  constructor(url: string, options: { name: string });
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "error", listener: (event: { message: string }) => void): void;
  terminate(): void;
}

const host: Host = {
  async startAdapter(context) {
    return adapterWorker(await startWorker(context, "dist/debug-adapter-worker-web.js", "lockbreak debug adapter"));
  },

  async languageClient(context, options) {
    // Most of what there is to load, and nobody waits for it: not before the rest stands.
    const { LanguageClient } = await import("vscode-languageclient/browser");
    const { worker, end } = await startWorker(context, "dist/language-server-web.js", "lockbreak language server");
    return { client: new LanguageClient("lockbreak", "Lockbreak", options, worker), server: { dispose: end } };
  },
};

interface Started {
  readonly worker: Worker;
  end(): void;
}

async function startWorker(context: ExtensionContext, file: string, name: string): Promise<Started> {
  const code = await workspace.fs.readFile(Uri.joinPath(context.extensionUri, file));
  const url = URL.createObjectURL(new Blob([code], { type: "application/javascript" }));
  const worker = new Worker(url, { name });
  // The host starts workers through a script of its own that loads the given address later: it must live on.
  const end = (): void => {
    worker.terminate();
    URL.revokeObjectURL(url);
  };
  return { worker, end };
}

function adapterWorker({ worker, end }: Started): AdapterWorker {
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.addEventListener("message", (event) => listener(event.data)),
    onEnd: (listener) => worker.addEventListener("error", (event) => listener(event.message)),
    terminate: end,
  };
}

export function activate(context: ExtensionContext): void {
  runExtension(context, host);
}

export function deactivate(): Promise<void> {
  return stopExtension();
}
