// Starts the language server for scenarios, and stops it.

import { window, type ExtensionContext, type LogOutputChannel } from "vscode";
import { CONFIGURATION } from "./host/configuration.ts";
import type { Host } from "./host/host.ts";
import { SCENARIO_LANGUAGE } from "./host/scenarios.ts";

/** Starts the server in the background; the result stops it. A server that can't start costs hints, not debugging. */
export function startLanguageClient(context: ExtensionContext, host: Host, log: LogOutputChannel): () => Promise<void> {
  const options = { documentSelector: [{ language: SCENARIO_LANGUAGE }], synchronize: { configurationSection: CONFIGURATION }, outputChannel: log, traceOutputChannel: log };
  const started = host.languageClient(context, options).then(async (made) => {
    await made.client.start();
    return made;
  });
  started.catch((error: unknown) => {
    log.error("The language server could not be started.", error instanceof Error ? error : String(error));
    void window.showErrorMessage("Lockbreak's language server could not be started: scenarios are not checked while you type. The Lockbreak output channel tells why.");
  });
  return async () => {
    const made = await started.catch(() => undefined);
    await made?.client.stop().catch((error: unknown) => log.warn("The language server did not stop in time.", String(error)));
    made?.server.dispose();
  };
}
