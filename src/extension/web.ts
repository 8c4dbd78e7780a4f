// Entry point in an extension host that is a browser's worker. Other workers can't be started from the extension's own
// address when it is remote, so their code is read through the editor's file system and started from a Blob.

import { Uri, workspace, type ExtensionContext } from "vscode";
import { activateExtension, deactivateExtension } from "./extension.ts";
import type { AdapterWorker, ExtensionHost } from "./host/extension-host.ts";

// The one platform class that neither vscode's nor Node's types declare.
declare class Worker {
  constructor(url: string, options: { name: string });
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "error", listener: (event: { message: string }) => void): void;
  terminate(): void;
}

const host: ExtensionHost = {
  async startAdapterWorker(context) {
    return adapterWorker(await startWorker(context, "dist/debug-adapter-worker-web.js", "lockbreak debug adapter"));
  },

  async createLanguageClient(context, options) {
    // This is most of the code to load, and nothing waits for it: it is loaded after the rest has been activated.
    const { LanguageClient } = await import("vscode-languageclient/browser");
    const { worker, end } = await startWorker(context, "dist/language-server-web.js", "lockbreak language server");
    return { client: new LanguageClient("lockbreak", "Lockbreak", options, worker), server: { dispose: end } };
  },
};

interface StartedWorker {
  readonly worker: Worker;
  end(): void;
}

async function startWorker(context: ExtensionContext, file: string, name: string): Promise<StartedWorker> {
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

function adapterWorker({ worker, end }: StartedWorker): AdapterWorker {
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.addEventListener("message", (event) => listener(event.data)),
    onEnd: (listener) => worker.addEventListener("error", (event) => listener(event.message)),
    terminate: end,
  };
}

export function activate(context: ExtensionContext): void {
  activateExtension(context, host);
}

export function deactivate(): Promise<void> {
  return deactivateExtension();
}
