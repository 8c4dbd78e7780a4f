// Explore and compare: the commands, the CodeLenses above a scenario that offer them, and the webview panels with the results.

import {
  CodeLens,
  Range,
  Uri,
  ViewColumn,
  commands,
  debug,
  env,
  languages,
  window,
  workspace,
  type CodeLensProvider,
  type Disposable,
  type ExtensionContext,
  type LogOutputChannel,
  type TextDocument,
  type WebviewPanel,
} from "vscode";
import { showError, withScenario } from "../debug/commands.ts";
import { launchConfiguration } from "../host/configuration.ts";
import type { Comparison, ExploreResult } from "../../debug-adapter/protocol/explore-messages.ts";
import type { ExtensionHost } from "../host/extension-host.ts";
import { SCENARIO_LANGUAGE, uriBaseName, readText } from "../host/scenarios.ts";
import { comparisonPage } from "./comparison-page.ts";
import { explorationPage } from "./exploration-page.ts";
import { ExplorationStore } from "./exploration-store.ts";
import { PAGE_COMMANDS } from "./webview-html.ts";
import type { PersistedExploration } from "./persisted-explorations.ts";
import { ExploreWorkers } from "./explore-workers.ts";

export function registerExplorer(context: ExtensionContext, host: ExtensionHost, log: LogOutputChannel): Disposable[] {
  const workers = new ExploreWorkers(context, host, log);
  const explorations = new ExplorationStore(context.workspaceState, extensionVersion(context));
  const panels = new ResultPanels(explorations);
  const codeLenses = new ExploreCodeLensProvider(explorations);
  // The commands return their results: other extensions may run them.
  const explore = (uri: unknown, allKernels: boolean): Promise<readonly ExploreResult[] | undefined> =>
    withScenario(parseAddress(uri), async (scenario) => {
      const [name, text] = [uriBaseName(scenario), await readText(scenario)];
      const answer = await workers.run(scenario, { type: "explore", name, text, allKernels }, `Exploring ${name}`);
      if (answer?.type !== "explored") return undefined;
      explorations.set(scenario, { text, results: answer.results });
      await panels.showExploration(scenario);
      return answer.results;
    });
  const compare = (uri: unknown): Promise<Comparison | undefined> =>
    withScenario(parseAddress(uri), async (scenario) => {
      const name = uriBaseName(scenario);
      const answer = await workers.run(
        scenario,
        { type: "compare", name, text: await readText(scenario) },
        `Comparing kernels with ${name}`,
      );
      if (answer?.type !== "compared") return undefined;
      panels.showComparison(scenario, answer.comparison);
      return answer.comparison;
    });
  return [
    workers,
    explorations,
    panels,
    languages.registerCodeLensProvider(SCENARIO_LANGUAGE, codeLenses),
    commands.registerCommand("lockbreak.exploreScenario", (uri?: unknown) => explore(uri, false).catch(showError)),
    commands.registerCommand("lockbreak.exploreAllKernels", (uri?: unknown) => explore(uri, true).catch(showError)),
    commands.registerCommand("lockbreak.showExploration", (uri?: unknown) =>
      withScenario(parseAddress(uri), (scenario) => panels.showExploration(scenario)).catch(showError),
    ),
    commands.registerCommand("lockbreak.compareRuns", (uri?: unknown) => compare(uri).catch(showError)),
    commands.registerCommand("lockbreak.debugSchedule", (uri: string, schedule: string, stopAt = "failure") =>
      debugSchedule(Uri.parse(uri), schedule, stopAt),
    ),
    commands.registerCommand("lockbreak.copySchedule", (schedule: string) => env.clipboard.writeText(schedule)),
  ];
}

function extensionVersion({ extension }: ExtensionContext): string {
  return (extension.packageJSON as { readonly version: string }).version;
}

/** Links of a webview pass the scenario's URI as a string. */
function parseAddress(uri: unknown): unknown {
  return typeof uri === "string" ? Uri.parse(uri) : uri;
}

async function debugSchedule(uri: Uri, schedule: string, stopAt: string): Promise<void> {
  await debug.startDebugging(workspace.getWorkspaceFolder(uri), {
    ...launchConfiguration(uri),
    name: `Schedule of ${uriBaseName(uri)}`,
    schedule,
    stopAt,
  });
}

/** Webview panels of explorations and comparisons, one of each for a scenario, beside its editor. */
class ResultPanels implements Disposable {
  /** By kind and URI. */
  private readonly panels = new Map<string, WebviewPanel>();
  /** The explorations that are shown, by URI, and whether their panels say that they are outdated. */
  private readonly shown = new Map<string, { readonly exploration: PersistedExploration; outdated: boolean }>();
  private readonly subscription = workspace.onDidChangeTextDocument(({ document }) => this.markOutdated(document));

  constructor(private readonly explorations: ExplorationStore) {}

  /** Shows the exploration of the scenario's current text. */
  async showExploration(uri: Uri): Promise<void> {
    const exploration = this.explorations.get(uri, await readText(uri));
    if (exploration === undefined) {
      void window.showInformationMessage(`${uriBaseName(uri)} has not been explored since it was last changed.`);
      return;
    }
    this.shown.set(uri.toString(), { exploration, outdated: false });
    this.show("exploration", uri, `Explored ${uriBaseName(uri)}`, this.explorationHtml(uri, exploration, false));
  }

  showComparison(uri: Uri, comparison: Comparison): void {
    this.show("comparison", uri, `Compared ${uriBaseName(uri)}`, comparisonPage(uriBaseName(uri), uri.toString(), comparison));
  }

  private explorationHtml(uri: Uri, { results }: PersistedExploration, outdated: boolean): string {
    return explorationPage({ name: uriBaseName(uri), uri: uri.toString(), results, outdated });
  }

  private show(kind: "exploration" | "comparison", uri: Uri, title: string, html: string): void {
    const key = `${kind} ${uri.toString()}`;
    const panel =
      this.panels.get(key) ??
      window.createWebviewPanel(
        `lockbreak.${kind}`,
        title,
        { viewColumn: ViewColumn.Beside, preserveFocus: true },
        { enableCommandUris: PAGE_COMMANDS, enableFindWidget: true, localResourceRoots: [] },
      );
    if (!this.panels.has(key)) panel.onDidDispose(() => this.panels.delete(key));
    this.panels.set(key, panel);
    panel.webview.html = html;
    panel.reveal(undefined, true);
  }

  /** The panel of an exploration says so if the text of the scenario has changed since. */
  private markOutdated(document: TextDocument): void {
    const { uri } = document;
    const [panel, shown] = [this.panels.get(`exploration ${uri.toString()}`), this.shown.get(uri.toString())];
    if (panel === undefined || shown === undefined) return;
    const outdated = shown.exploration.text !== document.getText();
    if (outdated === shown.outdated) return;
    shown.outdated = outdated;
    panel.webview.html = this.explorationHtml(uri, shown.exploration, outdated);
  }

  dispose(): void {
    this.subscription.dispose();
    for (const panel of this.panels.values()) panel.dispose();
  }
}

class ExploreCodeLensProvider implements CodeLensProvider {
  readonly onDidChangeCodeLenses;

  constructor(private readonly explorations: ExplorationStore) {
    this.onDidChangeCodeLenses = (listener: () => void): Disposable => explorations.onDidChange(() => listener());
  }

  provideCodeLenses(document: TextDocument): CodeLens[] {
    const text = document.getText();
    const line = firstLine(text);
    const lens = (title: string, command: string, tooltip: string): CodeLens =>
      new CodeLens(new Range(line, 0, line, 0), { title, command, tooltip, arguments: [document.uri] });
    const exploration = this.explorations.get(document.uri, text);
    return [
      lens(
        "$(search) Explore",
        "lockbreak.exploreScenario",
        "Searches all interleavings of the tasks, within bounds, for one that breaks the kernel",
      ),
      lens("Explore on All Kernels", "lockbreak.exploreAllKernels", "Searches on each kernel, and shows the results side by side"),
      lens(
        "Compare Runs",
        "lockbreak.compareRuns",
        "Runs the scenario on each kernel, and compares how long locks are held, which tasks wait, and which checks fail",
      ),
      ...(exploration === undefined
        ? []
        : [lens(resultSummary(exploration), "lockbreak.showExploration", "Shows what the exploration has found")]),
    ];
  }
}

/** The line (from 0) of the first statement, below the comment that a scenario begins with. */
function firstLine(text: string): number {
  const line = text.split(/\r\n|\n|\r/).findIndex((one) => /^\s*[a-z]/.test(one));
  return Math.max(line, 0);
}

function resultSummary({ results }: PersistedExploration): string {
  const broken = results.filter(({ verdict }) => verdict === "found").map(({ kernel }) => kernel);
  if (broken.length > 0) return `$(bug) breaks ${broken.join(", ")}`;
  return results.every(({ verdict }) => verdict === "clean") ? "$(pass) clean" : "$(question) nothing found so far";
}
