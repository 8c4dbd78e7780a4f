// Explore: the commands, the lenses above a scenario that offer them, and the page with the results.

import { CodeLens, Range, Uri, ViewColumn, commands, debug, env, languages, window, workspace, type CodeLensProvider, type Disposable, type ExtensionContext, type LogOutputChannel, type TextDocument, type WebviewPanel } from "vscode";
import { showError, withScenario } from "../commands.ts";
import { launchConfiguration } from "../configuration.ts";
import type { ExploreResult } from "../../debug-adapter/explore_messages.ts";
import type { Host } from "../host.ts";
import { SCENARIO_LANGUAGE, baseName, readText } from "../scenarios.ts";
import { Explorations, type Exploration } from "./explorations.ts";
import { PAGE_COMMANDS, pageOf } from "./page.ts";

export function registerExplorer(context: ExtensionContext, host: Host, log: LogOutputChannel): Disposable[] {
  const explorations = new Explorations(context, host, log);
  const pages = new Pages(explorations);
  const lenses = new Lenses(explorations);
  // What was found is also what the commands come to: other extensions may run them.
  const explore = (uri: unknown, all: boolean): Promise<readonly ExploreResult[] | undefined> =>
    withScenario(addressOf(uri), async (scenario) => {
      const results = await explorations.explore(scenario, all);
      if (results !== undefined) await pages.show(scenario);
      return results;
    });
  return [
    explorations,
    pages,
    languages.registerCodeLensProvider(SCENARIO_LANGUAGE, lenses),
    commands.registerCommand("lockbreak.exploreScenario", (uri?: unknown) => explore(uri, false).catch(showError)),
    commands.registerCommand("lockbreak.exploreAllKernels", (uri?: unknown) => explore(uri, true).catch(showError)),
    commands.registerCommand("lockbreak.showExploration", (uri?: unknown) => withScenario(addressOf(uri), (scenario) => pages.show(scenario)).catch(showError)),
    commands.registerCommand("lockbreak.debugSchedule", (uri: string, schedule: string, stopAt = "failure") => debugSchedule(Uri.parse(uri), schedule, stopAt)),
    commands.registerCommand("lockbreak.copySchedule", (schedule: string) => env.clipboard.writeText(schedule)),
  ];
}

/** Links of the page name the scenario by a text. */
function addressOf(uri: unknown): unknown {
  return typeof uri === "string" ? Uri.parse(uri) : uri;
}

async function debugSchedule(uri: Uri, schedule: string, stopAt: string): Promise<void> {
  await debug.startDebugging(workspace.getWorkspaceFolder(uri), { ...launchConfiguration(uri), name: `Schedule of ${baseName(uri)}`, schedule, stopAt });
}

/** One page for each scenario that was explored, beside its editor. */
class Pages implements Disposable {
  private readonly open = new Map<string, { readonly panel: WebviewPanel; exploration: Exploration }>();
  private readonly subscription = workspace.onDidChangeTextDocument(({ document }) => this.compare(document));

  constructor(private readonly explorations: Explorations) {}

  /** Shows what is known of the scenario as it is now. */
  async show(uri: Uri): Promise<void> {
    const key = uri.toString();
    const exploration = this.explorations.of(uri, await readText(uri));
    if (exploration === undefined) {
      void window.showInformationMessage(`${baseName(uri)} was not explored yet as it is now.`);
      return;
    }
    const shown = this.open.get(key);
    const panel = shown?.panel ?? this.create(uri);
    this.open.set(key, { panel, exploration });
    this.draw(uri, false);
    panel.reveal(undefined, true);
  }

  private create(uri: Uri): WebviewPanel {
    const panel = window.createWebviewPanel("lockbreak.exploration", `Explored ${baseName(uri)}`, { viewColumn: ViewColumn.Beside, preserveFocus: true }, { enableCommandUris: PAGE_COMMANDS, enableFindWidget: true, localResourceRoots: [] });
    panel.onDidDispose(() => this.open.delete(uri.toString()));
    return panel;
  }

  private draw(uri: Uri, outdated: boolean): void {
    const { panel, exploration } = this.open.get(uri.toString())!;
    panel.webview.html = pageOf({ name: baseName(uri), uri: uri.toString(), results: exploration.results, outdated }, crypto.randomUUID());
  }

  /** The page says so if the scenario is another one by now. */
  private compare(document: TextDocument): void {
    const shown = this.open.get(document.uri.toString());
    if (shown !== undefined) this.draw(document.uri, shown.exploration.text !== document.getText());
  }

  dispose(): void {
    this.subscription.dispose();
    for (const { panel } of this.open.values()) panel.dispose();
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
