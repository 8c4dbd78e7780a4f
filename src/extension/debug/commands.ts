// The commands, except for those of the views and those that navigate in time.

import { ConfigurationTarget, Uri, commands, debug, window, workspace, type DebugSession, type Disposable } from "vscode";
import type { SetHexArguments } from "../../debug-adapter/protocol/protocol.ts";
import type { DebugAdapters } from "./debug-adapter.ts";
import { launchConfiguration } from "../host/configuration.ts";
import { runScenario } from "./run-scenario.ts";
import { currentScenario } from "../host/scenarios.ts";
import type { RunningSessions } from "./sessions.ts";

const HEX_SETTING = "lockbreak.variables.hex";

export function registerCommands(adapters: DebugAdapters, running: RunningSessions): Disposable[] {
  const output = window.createOutputChannel("Lockbreak Run");
  return [
    output,
    commands.registerCommand("lockbreak.debugScenario", (uri?: unknown) =>
      withScenario(uri, async (scenario) => {
        await debug.startDebugging(workspace.getWorkspaceFolder(scenario), launchConfiguration(scenario));
      }),
    ),
    commands.registerCommand("lockbreak.runScenario", (uri?: unknown) =>
      withScenario(uri, (scenario) => runScenario(adapters, output, scenario)),
    ),
    ...hexCommands(running),
  ];
}

/** Shows why a command that the user ran has failed. */
export function showError(error: unknown): void {
  void window.showErrorMessage(error instanceof Error ? error.message : String(error));
}

/** Runs `use` for the scenario on which a menu was opened, or else the current one. */
export async function withScenario<T>(uri: unknown, use: (scenario: Uri) => Promise<T>): Promise<T | undefined> {
  const scenario = uri instanceof Uri ? uri : currentScenario(undefined);
  if (scenario !== undefined) return use(scenario);
  void window.showInformationMessage("Open a scenario (.vmscn) first.");
  return undefined;
}

/** The setting says how numbers are shown; the command toggles it; each session receives its value when it starts and when it changes. */
function hexCommands(running: RunningSessions): Disposable[] {
  const configured = (): boolean => workspace.getConfiguration().get(HEX_SETTING, false);
  const sendSetting = async (session: DebugSession): Promise<void> => {
    const args: SetHexArguments = { hex: configured() };
    try {
      await session.customRequest("lockbreak/setHex", args);
    } catch {
      // The session has just ended, or could not be launched: it shows no numbers.
    }
  };
  return [
    commands.registerCommand("lockbreak.toggleHex", () =>
      workspace.getConfiguration().update(HEX_SETTING, !configured(), ConfigurationTarget.Global),
    ),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(HEX_SETTING)) for (const session of running.all) void sendSetting(session);
    }),
    running.onDidStart((session) => {
      if (configured()) void sendSetting(session);
    }),
  ];
}
