// Explore and compare: the commands, the lenses above a scenario that offer them, and the pages with the results.

import { CodeLens, Range, Uri, ViewColumn, commands, debug, env, languages, window, workspace, type CodeLensProvider, type Disposable, type ExtensionContext, type LogOutputChannel, type TextDocument, type WebviewPanel } from "vscode";
import { showError, withScenario } from "../debug/commands.ts";
import { launchConfiguration } from "../host/configuration.ts";
import type { Comparison, ExploreResult } from "../../debug-adapter/protocol/explore-messages.ts";
import type { Host } from "../host/host.ts";
import { SCENARIO_LANGUAGE, baseName, readText } from "../host/scenarios.ts";
import { comparisonPage } from "./comparison-page.ts";
import { explorationPage } from "./exploration-page.ts";
import { Explorations } from "./explorations.ts";
import { PAGE_COMMANDS } from "./html.ts";
import type { Exploration } from "./kept.ts";
import { Work } from "./work.ts";

export function registerExplorer(context: ExtensionContext, host: Host, log: LogOutputChannel): Disposable[] {
  const work = new Work(context, host, log);
  const explorations = new Explorations(context.workspaceState, versionOf(context));
  const pages = new Pages(explorations);
  const lenses = new Lenses(explorations);
  // What was found is also what the commands come to: other extensions may run them.
  const explore = (uri: unknown, all: boolean): Promise<readonly ExploreResult[] | undefined> =>
    withScenario(addressOf(uri), async (scenario) => {
      const [name, text] = [baseName(scenario), await readText(scenario)];
      const answer = await work.do(scenario, { type: "explore", name, text, all }, `Exploring ${name}`);
      if (answer?.type !== "explored") return undefined;
      explorations.keep(scenario, { text, results: answer.results });
      await pages.showExploration(scenario);
      return answer.results;
    });
  const compare = (uri: unknown): Promise<Comparison | undefined> =>
    withScenario(addressOf(uri), async (scenario) => {
      const name = baseName(scenario);
      const answer = await work.do(scenario, { type: "compare", name, text: await readText(scenario) }, `Comparing kernels with ${name}`);
      if (answer?.type !== "compared") return undefined;
      pages.showComparison(scenario, answer.comparison);
      return answer.comparison;
    });
  return [
    work,
    explorations,
    pages,
    languages.registerCodeLensProvider(SCENARIO_LANGUAGE, lenses),
    commands.registerCommand("lockbreak.exploreScenario", (uri?: unknown) => explore(uri, false).catch(showError)),
    commands.registerCommand("lockbreak.exploreAllKernels", (uri?: unknown) => explore(uri, true).catch(showError)),
    commands.registerCommand("lockbreak.showExploration", (uri?: unknown) => withScenario(addressOf(uri), (scenario) => pages.showExploration(scenario)).catch(showError)),
    commands.registerCommand("lockbreak.compareRuns", (uri?: unknown) => compare(uri).catch(showError)),
    commands.registerCommand("lockbreak.debugSchedule", (uri: string, schedule: string, stopAt = "failure") => debugSchedule(Uri.parse(uri), schedule, stopAt)),
    commands.registerCommand("lockbreak.copySchedule", (schedule: string) => env.clipboard.writeText(schedule)),
  ];
}

function versionOf({ extension }: ExtensionContext): string {
  return (extension.packageJSON as { readonly version: string }).version;
}

/** Links of the page name the scenario by a text. */
function addressOf(uri: unknown): unknown {
  return typeof uri === "string" ? Uri.parse(uri) : uri;
}

async function debugSchedule(uri: Uri, schedule: string, stopAt: string): Promise<void> {
  await debug.startDebugging(workspace.getWorkspaceFolder(uri), { ...launchConfiguration(uri), name: `Schedule of ${baseName(uri)}`, schedule, stopAt });
}

/** Pages of explorations and comparisons, one of each for a scenario, beside its editor. */
class Pages implements Disposable {
  /** By kind and address. */
  private readonly panels = new Map<string, WebviewPanel>();
  /** What pages of explorations show, by address, and whether they say that it is outdated. */
  private readonly shown = new Map<string, { readonly exploration: Exploration; outdated: boolean }>();
  private readonly subscription = workspace.onDidChangeTextDocument(({ document }) => this.compare(document));

  constructor(private readonly explorations: Explorations) {}

  /** Shows what is known of the scenario as it is now. */
  async showExploration(uri: Uri): Promise<void> {
    const exploration = this.explorations.of(uri, await readText(uri));
    if (exploration === undefined) {
      void window.showInformationMessage(`${baseName(uri)} was not explored yet as it is now.`);
      return;
    }
    this.shown.set(uri.toString(), { exploration, outdated: false });
    this.show("exploration", uri, `Explored ${baseName(uri)}`, this.explorationHtml(uri, exploration, false));
  }

  showComparison(uri: Uri, comparison: Comparison): void {
    this.show("comparison", uri, `Compared ${baseName(uri)}`, comparisonPage(baseName(uri), uri.toString(), comparison));
  }

  private explorationHtml(uri: Uri, { results }: Exploration, outdated: boolean): string {
    return explorationPage({ name: baseName(uri), uri: uri.toString(), results, outdated });
  }

  private show(kind: "exploration" | "comparison", uri: Uri, title: string, html: string): void {
    const key = `${kind} ${uri.toString()}`;
    const panel = this.panels.get(key) ?? window.createWebviewPanel(`lockbreak.${kind}`, title, { viewColumn: ViewColumn.Beside, preserveFocus: true }, { enableCommandUris: PAGE_COMMANDS, enableFindWidget: true, localResourceRoots: [] });
    if (!this.panels.has(key)) panel.onDidDispose(() => this.panels.delete(key));
    this.panels.set(key, panel);
    panel.webview.html = html;
    panel.reveal(undefined, true);
  }

  /** The page of an exploration says so if the scenario is another one by now. */
  private compare(document: TextDocument): void {
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

class Lenses implements CodeLensProvider {
  readonly onDidChangeCodeLenses;

  constructor(private readonly explorations: Explorations) {
    this.onDidChangeCodeLenses = (listener: () => void): Disposable => explorations.onDidChange(() => listener());
  }

  provideCodeLenses(document: TextDocument): CodeLens[] {
    const text = document.getText();
    const line = firstLine(text);
    const lens = (title: string, command: string, tooltip: string): CodeLens => new CodeLens(new Range(line, 0, line, 0), { title, command, tooltip, arguments: [document.uri] });
    const known = this.explorations.of(document.uri, text);
    return [
      lens("$(search) Explore", "lockbreak.exploreScenario", "Searches all interleavings of the tasks, within bounds, for one that breaks the kernel"),
      lens("Explore on All Kernels", "lockbreak.exploreAllKernels", "The same on each kernel, side by side"),
      lens("Compare Runs", "lockbreak.compareRuns", "Runs the scenario on each kernel, and compares how long locks are held, who waits, and what goes wrong"),
      ...(known === undefined ? [] : [lens(summary(known), "lockbreak.showExploration", "Shows what the exploration has found")]),
    ];
  }
}

/** Where the first statement is, behind the comment that a scenario begins with; from 0. */
function firstLine(text: string): number {
  const line = text.split(/\r\n|\n|\r/).findIndex((one) => /^\s*[a-z]/.test(one));
  return Math.max(line, 0);
}

function summary({ results }: Exploration): string {
  const broken = results.filter(({ verdict }) => verdict === "found").map(({ kernel }) => kernel);
  if (broken.length > 0) return `$(bug) breaks ${broken.join(", ")}`;
  return results.every(({ verdict }) => verdict === "clean") ? "$(pass) clean" : "$(question) nothing found so far";
}
