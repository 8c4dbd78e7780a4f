// Activation and deactivation, which are the same in both extension hosts.

import { Uri, commands, window, type ExtensionContext } from "vscode";
import { DebugAdapters } from "./debug/debug-adapter.ts";
import { registerScenarioChanges } from "./debug/scenario-changes.ts";
import { registerCommands } from "./debug/commands.ts";
import { registerDebugConfigurations } from "./host/configuration.ts";
import { registerExamples } from "./examples/examples.ts";
import { registerExplorer } from "./explore/explore-commands.ts";
import type { ExtensionHost } from "./host/extension-host.ts";
import { registerHoverAndInlineValues } from "./debug/hover-inline-values.ts";
import { registerKernelSources } from "./host/kernel-sources.ts";
import { startLanguageClient } from "./language-client.ts";
import { ActiveSession, RunningSessions } from "./debug/sessions.ts";
import { registerStatusBar } from "./debug/status-bar.ts";
import { registerNavigation } from "./debug/navigation-commands.ts";
import { registerViews } from "./views/views.ts";

let stopLanguageClient: (() => Promise<void>) | undefined;

export function activateExtension(context: ExtensionContext, host: ExtensionHost): void {
  const log = window.createOutputChannel("Lockbreak", { log: true });
  const adapters = new DebugAdapters(context, host, log);
  const active = new ActiveSession();
  const running = new RunningSessions();
  context.subscriptions.push(
    log,
    adapters,
    active,
    running,
    adapters.register(),
    registerKernelSources(Uri.joinPath(context.extensionUri, "dist/kernel")),
    ...registerDebugConfigurations(),
    ...registerCommands(adapters, running),
    registerScenarioChanges(running),
    ...registerNavigation(active),
    registerStatusBar(active),
    ...registerExplorer(context, host, log),
    registerExamples(),
    ...registerHoverAndInlineValues(),
    ...registerViews(active, context.workspaceState),
  );
  // The views are in the Run and Debug container even where the extension is never activated: they are shown from now on.
  void commands.executeCommand("setContext", "lockbreak.active", true);
  stopLanguageClient = startLanguageClient(context, host, log);
}

export async function deactivateExtension(): Promise<void> {
  await stopLanguageClient?.();
  stopLanguageClient = undefined;
}
