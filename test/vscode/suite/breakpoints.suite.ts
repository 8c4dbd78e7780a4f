// Breakpoints of all kinds, and the filters.

import * as vscode from "vscode";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { until } from "../../waiting.mjs";
import { equal, match, ok } from "./assert.ts";
import { Session, cleanUp } from "./session.ts";
import { exampleUri } from "./workspace.ts";

const EXAMPLE = "truncate-lockbreak.vmscn";
const truncate = vscode.Uri.parse("lockbreak-kernel:/common/truncate.ts");
const own = vscode.Uri.parse("lockbreak-kernel:/vmtrunc4/memory.ts");

/** A breakpoint on the first line of `uri` that contains `text`. */
async function at(uri: vscode.Uri, text: string, condition?: string, hits?: string): Promise<vscode.SourceBreakpoint> {
  const document = await vscode.workspace.openTextDocument(uri);
  const found = document.getText().indexOf(text);
  ok(found >= 0, `no ${text} in ${uri.toString()}`);
  return new vscode.SourceBreakpoint(new vscode.Location(uri, document.positionAt(found)), true, condition, hits);
}

/** Runs the example with breakpoints and no filters. */
async function launchWith(...breakpoints: vscode.Breakpoint[]): Promise<Session> {
  vscode.debug.addBreakpoints(breakpoints);
  const session = await Session.launch(exampleUri(EXAMPLE), { stopOnEntry: true });
  await session.stop(1);
  await session.request("setExceptionBreakpoints", { filters: [] });
  return session;
}

describe("breakpoints", () => {
  afterEach(cleanUp);

  it("in the scenario and in common and own kernel files are verified and hit", async () => {
    const breakpoints = [
      await at(exampleUri(EXAMPLE), "truncate(data, 64K)"),
      await at(truncate, "yield* k.unmap_mapping_range(mapping, offset"),
      await at(own, "yield* k.unmap_mapping_vmas("),
    ];
    const session = await launchWith(...breakpoints);
    for (const breakpoint of breakpoints) {
      const shown = (await session.session.getDebugProtocolBreakpoint(breakpoint)) as DebugProtocol.Breakpoint | undefined;
      ok(shown?.verified, `not verified: ${JSON.stringify(shown)}`);
    }
    for (const name of ["truncate(data, 64K)", "vmtruncate", "unmap_mapping_range"]) {
      const stop = await session.move("continue");
      equal(stop.reason, "breakpoint");
      equal((await session.stack())[0]!.name, name);
    }
  });

  it("go by conditions and hit counts", async () => {
    const session = await launchWith(
      await at(own, "function* unmap_mapping_range_vma", "vma == viewer[2].V"),
      await at(exampleUri(EXAMPLE), "munmap(B)", undefined, "3"),
    );
    const seen: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      const stop = await session.move("continue");
      if (stop.reason === "end") break;
      seen.push((await session.where()).replace(/:.*/, ""));
      if (seen.at(-1) === "unmap_mapping_range_vma") match(await session.evaluate("vma"), /^viewer\[2\]\.V/);
    }
    ok(seen.includes("unmap_mapping_range_vma"), `the condition never held: ${seen.join(" ")}`);
    equal(seen.filter((name) => name.startsWith("munmap")).length, 1, "hits");
  });

  it("with a condition that can't be read say so", async () => {
    const breakpoint = await at(own, "function* unmap_mapping_range_vma", "vma ==");
    const session = await launchWith(breakpoint);
    const shown = (await session.session.getDebugProtocolBreakpoint(breakpoint)) as DebugProtocol.Breakpoint | undefined;
    ok(shown !== undefined && !shown.verified && shown.message, `no message: ${JSON.stringify(shown)}`);
  });

  it("on kernel functions and tracepoints stop there", async () => {
    const session = await launchWith(
      new vscode.FunctionBreakpoint("unmap_mapping_range_tree"),
      new vscode.FunctionBreakpoint("vma_complete", true, "vma == viewer[3].V"),
    );
    await session.move("continue");
    match(await session.where(), /^unmap_mapping_range_tree:/);
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints.slice(0, 1));
    await until("the breakpoint to go", () => vscode.debug.breakpoints.length === 1);
    const stop = await session.move("continue");
    match(stop.description, /vma_complete on viewer\[3\]\.V/);
  });

  it("on an empty line move", async () => {
    const document = await vscode.workspace.openTextDocument(exampleUri(EXAMPLE));
    const empty = document.positionAt(document.getText().indexOf("\n\ntask shrink")).line + 1;
    const breakpoint = new vscode.SourceBreakpoint(new vscode.Location(document.uri, new vscode.Position(empty, 0)));
    const session = await launchWith(breakpoint);
    const shown = (await session.session.getDebugProtocolBreakpoint(breakpoint)) as DebugProtocol.Breakpoint | undefined;
    ok(shown?.verified ? shown.line !== empty + 1 : shown?.message, `neither moved nor explained: ${JSON.stringify(shown)}`);
  });
});

describe("filters", () => {
  afterEach(cleanUp);

  it("stop at what they name, with conditions", async () => {
    const session = await launchWith();
    const filterOptions = [{ filterId: "restart" }, { filterId: "vma_complete", condition: "vma == viewer[1].V" }];
    await session.request("setExceptionBreakpoints", { filters: [], filterOptions });
    const reasons: string[] = [];
    for (let n = 0; n < 50 && reasons.at(-1) !== "end"; n += 1) reasons.push((await session.move("continue")).reason);
    ok(reasons.includes("restart"), `no restart: ${reasons.join(" ")}`);
    equal(reasons.filter((reason) => reason === "vma_complete").length, 1, "vma_complete");
    ok(!reasons.includes("lockbreak"), "lockbreak was not asked for");
  });
});
