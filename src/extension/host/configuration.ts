// Debug configurations: F5 without a launch.json, the list behind "Lockbreak …" in the Run view's menu, and what launch
// tells the adapter beyond what the user has written.

import { DebugConfigurationProviderTriggerKind, debug, window, workspace } from "vscode";
import type { DebugConfiguration, DebugConfigurationProvider, Disposable, Uri, WorkspaceFolder } from "vscode";
import { KERNEL_BASE } from "./kernel-sources.ts";
import { baseName, currentScenario, scenarioUri } from "./scenarios.ts";

export const DEBUG_TYPE = "lockbreak";
/** What the names of all settings begin with. */
export const CONFIGURATION = "lockbreak";

/** A workspace with more scenarios than this does not get one configuration for each. */
const MAX_DYNAMIC = 100;

/** A configuration that runs `uri`. */
export function launchConfiguration(uri: Uri): DebugConfiguration {
  return { type: DEBUG_TYPE, request: "launch", name: `Debug ${baseName(uri)}`, program: uri.toString() };
}

/** The scenario last launched, for F5 in a kernel source. */
let last: Uri | undefined;

class ScenarioConfigurations implements DebugConfigurationProvider {
  resolveDebugConfiguration(_folder: WorkspaceFolder | undefined, config: DebugConfiguration): DebugConfiguration | undefined {
    if (config.type || config.request) return config;
    const scenario = currentScenario(last);
    if (scenario === undefined) {
      void window.showInformationMessage("Open a scenario (.vmscn) to debug it.");
      return undefined;
    }
    return { ...config, ...launchConfiguration(scenario) };
  }

  /**
   * A `program` that is missing, or is no text, is left as it is: the adapter says what is wrong with it. The adapter asks us for its
   * text, as the editor has it, when it is launched, and again when it is restarted.
   */
  resolveDebugConfigurationWithSubstitutedVariables(folder: WorkspaceFolder | undefined, config: DebugConfiguration): DebugConfiguration {
    const resolved: DebugConfiguration = { ...config, kernelSources: KERNEL_BASE, limits: limits(config["limits"]) };
    if (typeof config["program"] !== "string" || config["program"] === "") return resolved;
    last = scenarioUri(config["program"], folder);
    resolved["program"] = last.toString();
    return resolved;
  }
}

/** The limits of a launch configuration; what it does not set is as in the settings. */
function limits(given: unknown): unknown {
  if (given !== undefined && (typeof given !== "object" || given === null)) return given;
  return { memory: workspace.getConfiguration(CONFIGURATION).get<string>("limits.memory"), ...given };
}

class DynamicConfigurations implements DebugConfigurationProvider {
  async provideDebugConfigurations(): Promise<DebugConfiguration[]> {
    const uris = await workspace.findFiles("**/*.vmscn", "**/node_modules/**", MAX_DYNAMIC);
    return uris.sort((a, b) => (a.path < b.path ? -1 : 1)).map(launchConfiguration);
  }
}

export function registerConfigurations(): Disposable[] {
  return [
    debug.registerDebugConfigurationProvider(DEBUG_TYPE, new ScenarioConfigurations()),
    debug.registerDebugConfigurationProvider(DEBUG_TYPE, new DynamicConfigurations(), DebugConfigurationProviderTriggerKind.Dynamic),
  ];
}
