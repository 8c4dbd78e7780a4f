// Exploring a scenario: its CodeLenses, its webviews, and debugging a schedule.

import * as vscode from "vscode";
import type { Comparison, ExploreResult } from "../../../src/debug-adapter/protocol/explore-messages.ts";
import { until } from "../../waiting.mjs";
import { equal, match } from "./assert.ts";
import { Session, cleanUp } from "./session.ts";
import { openExample, openText } from "./workspace.ts";

async function codeLenses({ uri }: vscode.TextDocument): Promise<string[]> {
  const found = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", uri, 10);
  return found.flatMap(({ command }) => (command === undefined ? [] : [command.title]));
}

function webviewTitles(kind: "exploration" | "comparison"): string[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(`lockbreak.${kind}`))
    .map(({ label }) => label);
}

describe("exploring", () => {
  afterEach(cleanUp);

  it("shows the findings until the scenario changes, and debugs their schedule", async () => {
    const document = await openExample("races/K1-boundary.vmscn");
    equal(await codeLenses(document), ["$(search) Explore", "Explore on All Kernels", "Compare Runs"]);
    const found = await vscode.commands.executeCommand<readonly ExploreResult[] | undefined>("lockbreak.exploreScenario", document.uri);
    equal((await codeLenses(document))[3], "$(bug) breaks vmtrunc4");
    await until("the page", () => webviewTitles("exploration")[0] === "Explored K1-boundary.vmscn");
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), "// Another one.\n");
    await vscode.workspace.applyEdit(edit);
    equal((await codeLenses(document)).length, 3, "lenses of a changed scenario");
    await vscode.commands.executeCommand("undo");
    await until("the result to be that of the scenario again", async () => (await codeLenses(document)).length === 4);
    const schedule = found![0]!.findings[0]!.schedule;
    match(schedule, /^lb1:vmtrunc4:/);
    const session = await Session.begin(() => vscode.commands.executeCommand("lockbreak.debugSchedule", document.uri.toString(), schedule));
    const stop = await session.stop(1);
    equal(stop.reason, "exception");
    match(stop.description, /BUG truncated-mapped/);
  });

  it("compares all kernels", async () => {
    const document = await openExample("races/K11-grows-down.vmscn");
    await vscode.commands.executeCommand("lockbreak.exploreAllKernels", document.uri);
    equal((await codeLenses(document))[3], "$(bug) breaks vmtrunc4, vmtrunc5");
  });

  it("compares runs on all kernels, side by side", async () => {
    const document = await openExample("truncate-lockbreak.vmscn");
    const { kernels, rows } = (await vscode.commands.executeCommand<Comparison | undefined>("lockbreak.compareRuns", document.uri))!;
    equal(kernels, ["2.6.9", "vmtrunc4", "vmtrunc5", "2.6.11", "2.6.38", "3.0"]);
    const [lockbreaks] = rows.filter(([name]) => name === "lockbreaks");
    equal(
      lockbreaks!.slice(1).map((text) => text !== "0"),
      [false, true, true, true, true, false],
      "lockbreaks",
    );
    await until("the page", () => webviewTitles("comparison")[0] === "Compared truncate-lockbreak.vmscn");
  });

  it("refuses to explore a scenario with errors", async () => {
    const document = await openText("file data size 1M\nprocess p { touch(W) }\n");
    await vscode.commands.executeCommand("lockbreak.exploreScenario", document.uri);
    equal((await codeLenses(document)).length, 3, "lenses");
    equal(webviewTitles("exploration").length, 0, "pages");
  });
});
