// What is the same in both extension hosts: everything is put together here, and taken down.

import { Uri, commands, window, type ExtensionContext } from "vscode";
import { Adapters } from "./debug/adapter.ts";
import { registerChanges } from "./debug/changes.ts";
import { registerCommands } from "./debug/commands.ts";
import { registerConfigurations } from "./host/configuration.ts";
import { registerExamples } from "./examples/examples.ts";
import { registerExplorer } from "./explore/explore.ts";
import type { Host } from "./host/host.ts";
import { registerInspection } from "./debug/inspect.ts";
import { registerKernelSources } from "./host/kernel-sources.ts";
import { startLanguageClient } from "./language-client.ts";
import { ActiveSession, RunningSessions } from "./debug/sessions.ts";
import { registerStatus } from "./debug/status.ts";
import { registerTravel } from "./debug/travel.ts";
import { registerViews } from "./views/views.ts";

let stopLanguageClient: (() => Promise<void>) | undefined;

export function runExtension(context: ExtensionContext, host: Host): void {
  const log = window.createOutputChannel("Lockbreak", { log: true });
  const adapters = new Adapters(context, host, log);
  const active = new ActiveSession();
  const running = new RunningSessions();
  context.subscriptions.push(
    log,
    adapters,
    active,
    running,
    adapters.register(),
    registerKernelSources(Uri.joinPath(context.extensionUri, "dist/kernel")),
    ...registerConfigurations(),
    ...registerCommands(adapters, running),
    registerChanges(running),
    ...registerTravel(active),
    registerStatus(active),
    ...registerExplorer(context, host, log),
    registerExamples(),
    ...registerInspection(),
    ...registerViews(active, context.workspaceState),
  );
  // The views are in the Debug container of everybody who has the extension: they show from now on.
  void commands.executeCommand("setContext", "lockbreak.active", true);
  stopLanguageClient = startLanguageClient(context, host, log);
}

export async function stopExtension(): Promise<void> {
  await stopLanguageClient?.();
  stopLanguageClient = undefined;
}
