// Entry point in an extension host that is a Node process: the desktop, or the remote side of a web workbench.

import { Worker } from "node:worker_threads";
import { Uri, type ExtensionContext } from "vscode";
import { runExtension, stopExtension } from "./extension.ts";
import type { AdapterWorker, Host } from "./host/host.ts";

const host: Host = {
  startAdapter(context) {
    return Promise.resolve(adapterWorker(Uri.joinPath(context.extensionUri, "dist/debug-adapter-worker.mjs").fsPath));
  },

  async languageClient(context, options) {
    // Most of what there is to load, and nobody waits for it: not before the rest stands.
    const { LanguageClient, TransportKind } = await import("vscode-languageclient/node");
    const module = Uri.joinPath(context.extensionUri, "dist/language-server.cjs").fsPath;
    const client = new LanguageClient("lockbreak", "Lockbreak", { module, transport: TransportKind.ipc }, options);
    return { client, server: { dispose() {} } };
  },
};

function adapterWorker(file: string): AdapterWorker {
  // Output is taken off the worker so that it can't get into the extension host's own.
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
  runExtension(context, host);
}

export function deactivate(): Promise<void> {
  return stopExtension();
}
