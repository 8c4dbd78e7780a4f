// Debug configurations: F5 without a launch.json, the list behind "Lockbreak …" in the Run view's menu, and the launch arguments
// that the extension adds to those of the user.

import { DebugConfigurationProviderTriggerKind, debug, window, workspace } from "vscode";
import type { DebugConfiguration, DebugConfigurationProvider, Disposable, Uri, WorkspaceFolder } from "vscode";
import { KERNEL_BASE } from "./kernel-sources.ts";
import { uriBaseName, currentScenario, scenarioUri } from "./scenarios.ts";

export const DEBUG_TYPE = "lockbreak";
/** The section of all settings. */
export const CONFIGURATION_SECTION = "lockbreak";

/** A workspace with more scenarios than this does not get one configuration for each. */
const MAX_DYNAMIC = 100;

/** A configuration that runs `uri`. */
export function launchConfiguration(uri: Uri): DebugConfiguration {
  return { type: DEBUG_TYPE, request: "launch", name: `Debug ${uriBaseName(uri)}`, program: uri.toString() };
}

/** The scenario last launched, for F5 in a kernel source. */
let lastScenario: Uri | undefined;

class ScenarioConfigurations implements DebugConfigurationProvider {
  resolveDebugConfiguration(_folder: WorkspaceFolder | undefined, config: DebugConfiguration): DebugConfiguration | undefined {
    if (config.type || config.request) return config;
    const scenario = currentScenario(lastScenario);
    if (scenario === undefined) {
      void window.showInformationMessage("Open a scenario (.vmscn) to debug it.");
      return undefined;
    }
    return { ...config, ...launchConfiguration(scenario) };
  }

  /**
   * A `program` that is missing, or is no string, is left as it is: the adapter reports what is wrong with it. The adapter requests
   * its text from the extension, as the editor has it, when it is launched, and again when it is restarted.
   */
  resolveDebugConfigurationWithSubstitutedVariables(folder: WorkspaceFolder | undefined, config: DebugConfiguration): DebugConfiguration {
    const resolved: DebugConfiguration = { ...config, kernelSources: KERNEL_BASE, limits: launchLimits(config["limits"]) };
    if (typeof config["program"] !== "string" || config["program"] === "") return resolved;
    lastScenario = scenarioUri(config["program"], folder);
    resolved["program"] = lastScenario.toString();
    return resolved;
  }
}

/** The limits of a launch configuration; those that it does not set come from the settings. */
function launchLimits(given: unknown): unknown {
  if (given !== undefined && (typeof given !== "object" || given === null)) return given;
  return { memory: workspace.getConfiguration(CONFIGURATION_SECTION).get<string>("limits.memory"), ...given };
}

class DynamicConfigurations implements DebugConfigurationProvider {
  async provideDebugConfigurations(): Promise<DebugConfiguration[]> {
    const uris = await workspace.findFiles("**/*.vmscn", "**/node_modules/**", MAX_DYNAMIC);
    return uris.sort((a, b) => (a.path < b.path ? -1 : 1)).map(launchConfiguration);
  }
}

export function registerDebugConfigurations(): Disposable[] {
  return [
    debug.registerDebugConfigurationProvider(DEBUG_TYPE, new ScenarioConfigurations()),
    debug.registerDebugConfigurationProvider(DEBUG_TYPE, new DynamicConfigurations(), DebugConfigurationProviderTriggerKind.Dynamic),
  ];
}
