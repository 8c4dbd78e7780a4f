// Entry point in an extension host that is a Node process: the desktop, or the remote side of a web workbench.

import { Worker } from "node:worker_threads";
import { Uri, type ExtensionContext } from "vscode";
import { activateExtension, deactivateExtension } from "./extension.ts";
import type { AdapterWorker, ExtensionHost } from "./host/extension-host.ts";

const host: ExtensionHost = {
  startAdapterWorker(context) {
    return Promise.resolve(adapterWorker(Uri.joinPath(context.extensionUri, "dist/debug-adapter-worker.mjs").fsPath));
  },

  async createLanguageClient(context, options) {
    // This is most of the code to load, and nothing waits for it: it is loaded after the rest has been activated.
    const { LanguageClient, TransportKind } = await import("vscode-languageclient/node");
    const module = Uri.joinPath(context.extensionUri, "dist/language-server.cjs").fsPath;
    const client = new LanguageClient("lockbreak", "Lockbreak", { module, transport: TransportKind.ipc }, options);
    return { client, server: { dispose() {} } };
  },
};

function adapterWorker(file: string): AdapterWorker {
  // The worker's output is captured so that it does not get into that of the extension host.
  const worker = new Worker(file, { name: "lockbreak", stdout: true, stderr: true });
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.on("message", listener),
    onEnd(listener) {
      worker.on("error", (error) => listener(error.stack ?? error.message));
      worker.on("exit", (code) => listener(`the debug adapter's worker ended with code ${code}`));
    },
    terminate: () => void worker.terminate(),
  };
}

export function activate(context: ExtensionContext): void {
  activateExtension(context, host);
}

export function deactivate(): Promise<void> {
  return deactivateExtension();
}
