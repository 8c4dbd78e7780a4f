// What differs between the two extension hosts: how they start a worker and the language server.

import type { Disposable, ExtensionContext } from "vscode";
import type { BaseLanguageClient, LanguageClientOptions } from "vscode-languageclient";

/** The worker that holds debug adapter, explorer and engine. Messages are plain data. */
export interface AdapterWorker {
  post(message: object): void;
  onMessage(listener: (message: unknown) => void): void;
  /** `listener` is called, with a reason in words, when the worker fails, and when it ends, terminated or not. */
  onEnd(listener: (reason: string) => void): void;
  terminate(): void;
}

/** One of the two extension hosts: a Node process, or a web worker. */
export interface ExtensionHost {
  startAdapterWorker(context: ExtensionContext): Promise<AdapterWorker>;
  /** Creates a client, not started yet, and the server to dispose of after the client has stopped. */
  createLanguageClient(
    context: ExtensionContext,
    options: LanguageClientOptions,
  ): Promise<{ client: BaseLanguageClient; server: Disposable }>;
}
