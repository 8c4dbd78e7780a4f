// Breakpoints: verified and moved at once, with conditions and hit counts that are right in both directions.

import type { DebugProtocol } from "@vscode/debugprotocol";
import assert from "node:assert/strict";
import { LEFT_MAPPED } from "../cli/support.ts";
import { sequence } from "../patterns.ts";
import type { Client } from "./client.ts";
import { closeAll, connect, debug, EXAMPLE, kernel, lineOf, scenario, stackOf, TWO_BREAKS } from "./support.ts";

type Answers = { breakpoints: DebugProtocol.Breakpoint[] };

const VARIANT = kernel("vmtrunc4/memory.ts");

async function set(
  client: Client,
  file: string,
  ...breakpoints: (number | DebugProtocol.SourceBreakpoint)[]
): Promise<DebugProtocol.Breakpoint[]> {
  const asked = breakpoints.map((one) => (typeof one === "number" ? { line: one } : one));
  return ((await client.ask("setBreakpoints", { source: { path: file }, breakpoints: asked })) as Answers).breakpoints;
}

function brief({ verified, line, message }: DebugProtocol.Breakpoint): string {
  return verified ? `line ${line}` : (message ?? "unverified");
}

describe("breakpoints", () => {
  afterEach(closeAll);

  it("are verified and moved before anything is launched", async () => {
    const client = await connect();
    await client.initialize();
    const call = lineOf(EXAMPLE, "truncate(data, 64K)");
    assert.deepEqual((await set(client, EXAMPLE, call, call - 2, 1, 10_000)).map(brief), [
      `line ${call}`,
      `line ${call}`,
      `line ${lineOf(EXAMPLE, "V = mmap(data)")}`,
      "There is no statement on this line or behind it.",
    ]);
    const doc = lineOf(VARIANT, "unmap_mapping_range_vma(): unmaps");
    const first = lineOf(VARIANT, 'trace("vma_enter"');
    const moved = await set(client, VARIANT, doc, first, 100_000);
    assert.deepEqual(moved.map(brief), [`line ${first}`, `line ${first}`, "There is no statement on this line or behind it."]);
    assert.deepEqual((await set(client, "lockbreak-kernel:/vmtrunc4/memory.ts", first)).map(brief), [`line ${first}`]);
    assert.deepEqual((await set(client, "lockbreak-kernel:/common/nothing.ts", 1)).map(brief), [
      "There is no such file among the kernel's sources.",
    ]);
    // Files of other debuggers get no message.
    assert.deepEqual((await set(client, "/home/me/main.c", 3)).map(brief), ["unverified"]);
    assert.match(brief((await set(client, "/no/such.vmscn", 3))[0]!), /cannot be read: there is no such file/);
    assert.match(brief((await set(client, scenario("task"), 1))[0]!), /The scenario has mistakes: line 1/);
  });

  it("are offered at the locations of statements", async () => {
    const client = await connect();
    await client.initialize();
    const blocks = kernel("vmtrunc4/memory_blocks.ts");
    const line = lineOf(blocks, "if (start >= end) continue;");
    const { breakpoints } = (await client.ask("breakpointLocations", {
      source: { path: blocks },
      line,
    })) as DebugProtocol.BreakpointLocationsResponse["body"];
    assert.deepEqual(
      breakpoints.map((one) => one.column),
      [5, 23],
    );
    // At a statement's very column it is that one, before it the next, and behind the last that one.
    const asked = await set(client, blocks, ...[5, 6, 23, 24].map((column) => ({ line, column })));
    assert.deepEqual(
      asked.map((one) => [one.line, one.column]),
      [5, 23, 23, 23].map((column) => [line, column]),
    );
  });

  it("bind in a file that the kernel has from the folder of another kernel, or from the common folder", async () => {
    const inherited = kernel("vmtrunc5/truncate_count.ts");
    const line = lineOf(inherited, "vma.vm_truncate_count = mapping.truncate_count;");
    const search = kernel("vmtrunc4/memory_search.ts");
    const replaced = kernel("vmtrunc4/memory.ts");
    const lines = {
      [inherited]: [line],
      [search]: [lineOf(search, "let iter = new PrioTreeIter")],
      [replaced]: [lineOf(replaced, "restart_vma = vma;")],
    };
    const verified = async (client: Client): Promise<unknown[]> => {
      const asked = Object.entries(lines).map(([path, [one]]) => set(client, path, one!));
      return (await Promise.all(asked)).map(([answer]) => answer!.verified);
    };
    for (const [name, expected] of [
      ["2.6.11", [true, true, false]],
      ["vmtrunc4", [false, true, true]],
      ["3.0", [false, false, false]],
    ] as const) {
      const { client, stop } = await debug(EXAMPLE, { lines: { [EXAMPLE]: [lineOf(EXAMPLE, "B = mmap")] } }, { kernel: name });
      assert.deepEqual(await verified(client), expected, name);
      if (name !== "2.6.11") continue;
      await client.go("continue");
      const [frame] = await client.stack(stop.threadId);
      assert.deepEqual([frame!.name, frame!.source!.path, frame!.line], ["inherit_truncate_count", inherited, line]);
    }
  });

  it("become unverified at launch if the kernel that runs does not have their location", async () => {
    const client = await connect();
    await client.initialize();
    const line = lineOf(VARIANT, 'trace("vma_enter"');
    const [here] = await set(client, VARIANT, line);
    assert.equal(here!.verified, true);
    const { breakpoints } = (await client.ask("setFunctionBreakpoints", {
      breakpoints: [{ name: "unmap_mapping_range_vma" }, { name: "unmap_mapping_range" }, { name: "lockbreak" }],
    })) as Answers;
    assert.deepEqual(
      breakpoints.map(({ verified }) => verified),
      [true, true, true],
    );
    await client.ask("launch", { program: EXAMPLE, kernel: "2.6.9" });
    const changed = [await client.event("breakpoint"), await client.event("breakpoint"), await client.event("breakpoint")].map(
      ({ body }) => (body as DebugProtocol.BreakpointEvent["body"]).breakpoint,
    );
    assert.deepEqual(
      changed.map(({ id, verified }) => [id, verified]),
      [
        [here!.id, false],
        [breakpoints[0]!.id, false],
        [breakpoints[1]!.id, true],
      ],
    );
    assert.notEqual(changed[2]!.line, breakpoints[1]!.line, "where that kernel has the function");
    assert.equal(client.left("breakpoint").length, 0);
    assert.match(changed[0]!.message!, /not part of the kernel that runs, 2\.6\.9/);
    await client.ask("configurationDone");
    assert.deepEqual((await client.stopped()).hitBreakpointIds, [breakpoints[1]!.id]);
  });

  it("stop on lines of the kernel and of the scenario", async () => {
    const line = lineOf(VARIANT, "details.restart_vma = vma;");
    const call = lineOf(EXAMPLE, "munmap(B)");
    const { client, stop } = await debug(EXAMPLE, { lines: { [VARIANT]: [line], [EXAMPLE]: [call] } });
    const [frame] = await client.stack(stop.threadId);
    assert.deepEqual([stop.reason, frame!.line, frame!.endColumn! > frame!.column], ["breakpoint", line, true]);
    let next = await client.go("continue");
    while ((await client.stack(next.threadId))[0]!.line !== call) next = await client.go("continue");
    assert.deepEqual(await stackOf(client, next.threadId), ["munmap(B)"]);
  });

  it("stop at functions and tracepoints, with conditions on their arguments", async () => {
    const { client, stop } = await debug(EXAMPLE, {
      functions: [
        { name: "vma_complete", condition: "vma == viewer[2].V" },
        { name: "unmap_mapping_range()", condition: "holelen == 0" },
      ],
    });
    assert.equal(stop.reason, "function breakpoint");
    const next = await client.go("continue");
    assert.equal(next.reason, "vma_complete");
    assert.match(next.description!, /vma_complete on viewer\[2\]\.V$/);
    const { breakpoints } = (await client.ask("setFunctionBreakpoints", {
      breakpoints: [
        { name: "unmap_maping_range" },
        { name: "lockbreack" },
        { name: "lockbreak", condition: "1 +" },
        { name: "restart", hitCondition: "often" },
      ],
    })) as Answers;
    assert.deepEqual(breakpoints.map(brief), [
      "There is no kernel function or tracepoint 'unmap_maping_range'. Did you mean 'unmap_mapping_range'?",
      "There is no kernel function or tracepoint 'lockbreack'. Did you mean 'lockbreak'?",
      "Condition: Expected a value, found the end.",
      "Hit count: write 5, > 5, >= 5, < 5, <= 5 or % 5; 'often' is none of these.",
    ]);
  });

  it("evaluate conditions in the scope of a watch: variables of the frame, objects in scope, and arguments of the tracepoint", async () => {
    const far = "details->restart_addr >= 0x40080000";
    const { client, stop } = await debug(EXAMPLE, { filterOptions: [{ filterId: "lockbreak", condition: far }] });
    assert.equal(stop.reason, "lockbreak");
    assert.equal(await client.watch(`(${far}) && details->restart_addr < 0x40100000`, stop.threadId), "1");
    const inner = await debug(EXAMPLE, {
      functions: [
        { name: "vma_prio_tree_next", condition: "details->truncate_count == 1" },
        { name: "lock_contended", condition: "lock == data.i_mmap_lock && B == 1" },
      ],
    });
    assert.equal((await stackOf(inner.client, inner.stop.threadId))[0], "vma_prio_tree_next");
  });

  it("report once that a condition cannot be evaluated, and do not stop there", async () => {
    const { client, stop } = await debug(scenario(TWO_BREAKS), { functions: [{ name: "zap_block", condition: "nothing > 1" }] });
    assert.equal(stop.reason, "end");
    const outputs = client.left("output").map(({ body }) => (body as DebugProtocol.OutputEvent["body"]).output);
    assert.equal(
      outputs.filter((text) => text.includes("The condition 'nothing > 1' cannot be evaluated: 'nothing' is not known here.")).length,
      1,
    );
  });

  it("count hits from the start of the execution, in both directions", async () => {
    const all = await debug(EXAMPLE, { functions: ["zap_block"] });
    const events: string[] = [];
    for (let stop = all.stop; events.length < 12; stop = await all.client.go("continue"))
      events.push(/event (\d+)/.exec(stop.description!)![1]!);
    const expect = async (hitCondition: string, ...hits: number[]): Promise<void> => {
      const { client, stop } = await debug(EXAMPLE, { functions: [{ name: "zap_block", hitCondition }] });
      const event = (description: string | undefined): string => /event (\d+)/.exec(description ?? "")![1]!;
      const met = [event(stop.description)];
      while (met.length < hits.length) met.push(event((await client.go("continue")).description));
      assert.deepEqual(
        met,
        hits.map((hit) => events[hit - 1]!),
        hitCondition,
      );
      // Back over all of them, and forth again.
      const back: string[] = [];
      while (back.length < hits.length - 1) back.push(event((await client.go("reverseContinue")).description));
      assert.deepEqual(
        back,
        hits
          .slice(0, -1)
          .reverse()
          .map((hit) => events[hit - 1]!),
        `back, ${hitCondition}`,
      );
      await client.go("stepBack", { threadId: stop.threadId });
      assert.equal(event((await client.go("continue")).description), events[hits[0]! - 1]);
      // Set anew in the middle of the run, hits count from its start all the same.
      await client.ask("setFunctionBreakpoints", { breakpoints: [{ name: "zap_block", hitCondition }] });
      if (hits.length > 1) assert.equal(event((await client.go("continue")).description), events[hits[1]! - 1]);
    };
    await expect("3", 3);
    await expect("% 3", 3, 6, 9, 12);
    await expect(">= 10", 10, 11, 12);
    await expect("< 3", 1, 2);
  });

  it("stop at failed checks and bugs as at exceptions, with a report", async () => {
    const { client, stop } = await debug(scenario(TWO_BREAKS.replace("== 2", "== 5")), { filters: ["check"] });
    assert.equal(stop.reason, "exception");
    const info = (await client.ask("exceptionInfo", { threadId: stop.threadId })) as DebugProtocol.ExceptionInfoResponse["body"];
    assert.match(info.description!, /^check failed: finally lockbreaks\(data\) == 5$/);
    assert.match(info.details!.stackTrace!, /2 == 5/);
    const failure = client
      .left("output")
      .map(({ body }) => body as DebugProtocol.OutputEvent["body"])
      .find(({ category }) => category === "stderr")!;
    assert.match(failure.output, /^check failed: finally lockbreaks\(data\) == 5: 2 == 5/);
    assert.equal(failure.line, lineOf(failure.source!.path!, "check finally"));
    await client.ask("continue", { threadId: stop.threadId });
    assert.equal(((await client.event("exited")).body as { exitCode: number }).exitCode, 1);
  });

  it("stop where a check fails while the scenario runs", async () => {
    const { client, stop } = await debug(
      scenario(TWO_BREAKS.replace("check finally", "check always data.truncate_count < 2\ncheck finally")),
      { filters: ["check"] },
    );
    assert.equal(stop.reason, "exception");
    assert.match(stop.text!, /check failed: always data\.truncate_count < 2/);
    assert.ok((await stackOf(client, stop.threadId)).includes("unmap_mapping_range"));
  });

  it("stop at bugs of the kernel, before the statement in which they show, with all stacks", async () => {
    const { client, stop } = await debug(scenario(LEFT_MAPPED), { filters: ["bug"] });
    assert.equal(stop.reason, "exception");
    assert.match(stop.description!, /^event (\d+)\/\1 · [\d.]+ us · BUG truncated-mapped$/);
    assert.deepEqual((await stackOf(client, stop.threadId)).at(-1), "truncate(data, 0)");
    const info = (await client.ask("exceptionInfo", { threadId: stop.threadId })) as DebugProtocol.ExceptionInfoResponse["body"];
    assert.match(info.description!, /^BUG truncated-mapped: 4 truncated pages are still mapped/);
    assert.match(
      info.details!.stackTrace!,
      sequence(
        /^task shrink [^]*\nfile: +data\n[^]*truncate_count: +\d+\n[^]*/,
        /rule: When a truncation is done[^]*\nshrink:\n    at do_truncate \(.*syscalls\.ts:\d+:\d+\)/,
      ),
    );
    // The stack of the other party is fetched from the past.
    assert.match(
      info.details!.stackTrace!,
      /\non lockbreak 1\.1, which was the last to change p\.A, at event \d+:\n    at __vma_link_file .*\n[^]*    at mprotect\(p\.A/,
    );
    // The execution can go back from it, and forwards to it again.
    assert.match((await client.go("stepBack", { threadId: stop.threadId })).description!, /^◀ /);
    assert.equal((await client.go("continue")).reason, "exception");
    await client.ask("continue", { threadId: stop.threadId });
    assert.equal(((await client.event("exited")).body as { exitCode: number }).exitCode, 1);
    const other = await debug(scenario(LEFT_MAPPED), { filterOptions: [{ filterId: "bug", condition: 'code == "deadlock"' }] });
    assert.equal(other.stop.reason, "end");
    const same = await debug(scenario(LEFT_MAPPED), {
      filterOptions: [{ filterId: "bug", condition: 'code == "truncated-mapped" && data.i_size == 0' }],
    });
    assert.equal(same.stop.reason, "exception");
    const expected = await debug(scenario(`${LEFT_MAPPED}expect bug truncated-mapped\n`), { filters: ["bug"] });
    assert.deepEqual(
      [expected.stop.reason, expected.stop.description!.split(" · ")[2]],
      ["exception", "BUG truncated-mapped, as expected"],
    );
    await expected.client.ask("continue", { threadId: expected.stop.threadId });
    assert.equal(((await expected.client.event("exited")).body as { exitCode: number }).exitCode, 0);
    const off = await debug(scenario(LEFT_MAPPED));
    assert.deepEqual([off.stop.reason, off.stop.description!.split(" · ")[2]], ["end", "BUG truncated-mapped"]);
  });

  it("are not needed to stop at an error of the scenario", async () => {
    const { client, stop } = await debug(
      scenario(TWO_BREAKS.replace("  truncate(data, 0)\n", "  let x = 1 / data.truncate_count\n  truncate(data, 0)\n")),
      { filters: ["bug"] },
    );
    assert.deepEqual([stop.reason, stop.description!.split(" · ")[2]], ["end", "error: line 7: Division by zero."]);
    assert.deepEqual(await stackOf(client, stop.threadId), ["let x = 1 / data.truncate_count"]);
    await client.ask("continue", { threadId: stop.threadId });
    assert.equal(((await client.event("exited")).body as { exitCode: number }).exitCode, 2);
  });
});
