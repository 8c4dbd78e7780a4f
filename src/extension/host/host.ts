// What differs between the two extension hosts: how a worker is started, and how the language server is.

import type { Disposable, ExtensionContext } from "vscode";
import type { BaseLanguageClient, LanguageClientOptions } from "vscode-languageclient";

/** The worker that holds debug adapter, explorer and engine. Messages are plain data. */
export interface AdapterWorker {
  post(message: object): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called, with a reason in words, when the worker fails, and when it ends, wanted or not. */
  onEnd(listener: (reason: string) => void): void;
  terminate(): void;
}

/** One of the two extension hosts. */
export interface Host {
  startAdapter(context: ExtensionContext): Promise<AdapterWorker>;
  /** Makes a client, not started yet; the second part is what to dispose after the client has stopped. */
  languageClient(context: ExtensionContext, options: LanguageClientOptions): Promise<{ client: BaseLanguageClient; server: Disposable }>;
}
