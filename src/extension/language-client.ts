// Starts the language server for scenarios, and stops it.

import { window, type ExtensionContext, type LogOutputChannel } from "vscode";
import { CONFIGURATION_SECTION } from "./host/configuration.ts";
import type { ExtensionHost } from "./host/extension-host.ts";
import { SCENARIO_LANGUAGE } from "./host/scenarios.ts";

/** Starts the server in the background; the result stops it. Debugging works without the server, too. */
export function startLanguageClient(context: ExtensionContext, host: ExtensionHost, log: LogOutputChannel): () => Promise<void> {
  const options = {
    documentSelector: [{ language: SCENARIO_LANGUAGE }],
    synchronize: { configurationSection: CONFIGURATION_SECTION },
    outputChannel: log,
    traceOutputChannel: log,
  };
  const started = host.createLanguageClient(context, options).then(async (made) => {
    await made.client.start();
    return made;
  });
  started.catch((error: unknown) => {
    log.error("The language server could not be started.", error instanceof Error ? error : String(error));
    void window.showErrorMessage(
      "Lockbreak's language server could not be started: scenarios are not checked while you type. " +
        "See the Lockbreak output channel for the reason.",
    );
  });
  return async () => {
    const made = await started.catch(() => undefined);
    await made?.client.stop().catch((error: unknown) => log.warn("The language server did not stop in time.", String(error)));
    made?.server.dispose();
  };
}
