// What-if: setting a value, running a task's CPU next, running one task alone, and leaving the branch.

import type { DebugProtocol } from "@vscode/debugprotocol";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import type { ExploreDocument } from "../../src/cli/explore/document.ts";
import type { ExecutionPosition } from "../../src/debug-adapter/protocol/protocol.ts";
import { CLI, type Client, type Stopped } from "./client.ts";
import { closeAll, debug, EXAMPLE, placeOf, scenario, TWO_BREAKS } from "./support.ts";

async function position(client: Client): Promise<ExecutionPosition> {
  return (await client.event("lockbreak/moved")).body as ExecutionPosition;
}

async function threads(client: Client): Promise<string[]> {
  return ((await client.ask("threads")) as DebugProtocol.ThreadsResponse["body"]).threads.map(({ name }) => name);
}

function what({ description }: Stopped): string {
  return description!.split(" · ").at(-1)!;
}

describe("what-if", () => {
  afterEach(closeAll);

  it("a value is set: the execution deviates in a marked branch, and the recorded one stays as it is", async () => {
    const { client, stop } = await debug(scenario(TWO_BREAKS), { functions: ["truncate_count_wrap", "unmap_begin"] });
    await client.ask("setFunctionBreakpoints", { breakpoints: [{ name: "truncate_count_wrap" }] });
    const before = await position(client);
    assert.deepEqual(before.branch, []);
    const answer = (await client.ask("setExpression", {
      expression: "data.truncate_count",
      value: "0xffffffff",
    })) as DebugProtocol.SetExpressionResponse["body"];
    assert.equal(answer.value, "4294967295");
    const marked = await client.stopped();
    assert.deepEqual([marked.reason, marked.description!.startsWith("↳ what-if · event ")], [stop.reason, true]);
    assert.deepEqual((await position(client)).branch, [`step ${before.step}: data.truncate_count = 0xffffffff`]);
    assert.ok((await threads(client)).every((name) => name.startsWith("↳ ")));
    // The count wraps now.
    const wrapped = await client.go("continue");
    assert.equal(wrapped.reason, "truncate_count_wrap");
    await position(client);
    // It is the same branch, wherever one goes in it, and however often.
    assert.equal((await client.go("lockbreak/goto", { step: before.step - 5 })).description!.startsWith("↳ what-if · ◀ "), true);
    assert.ok(["0", "1"].includes(await client.watch("data.truncate_count", stop.threadId)));
    assert.equal((await client.go("continue")).description, wrapped.description);
    const back = await client.go("lockbreak/leaveBranch", {});
    assert.deepEqual([back.reason, what(back)], ["goto", "back in the recorded execution"]);
    assert.equal(await client.watch("data.truncate_count", stop.threadId), "1");
    assert.ok((await threads(client)).every((name) => !name.startsWith("↳")));
    const end = await client.go("continue");
    assert.equal(what(end), "end of the run");
    assert.match(await client.refused("lockbreak/leaveBranch", {}), /no branch to leave/);
    assert.match(await client.refused("setExpression", { expression: "data.truncate_count", value: "3" }), /The run has ended/);
  });

  it("a variable is set where it is shown, and values that depend on it change", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    await client.ask("setExceptionBreakpoints", { filters: [] });
    const [frame] = await client.stack(stop.threadId);
    const { scopes } = (await client.ask("scopes", { frameId: frame!.id })) as DebugProtocol.ScopesResponse["body"];
    const details = scopes.find(({ name }) => name === "Details")!.variablesReference;
    const set = (await client.ask("setVariable", {
      variablesReference: details,
      name: "restart_vma",
      value: "NULL",
    })) as DebugProtocol.SetVariableResponse["body"];
    assert.equal(set.value, "NULL");
    await client.stopped();
    // Without a restart point, the vma is scanned from its beginning again.
    await client.ask("setFunctionBreakpoints", { breakpoints: [{ name: "vma_enter" }, { name: "vma_resume" }] });
    const entered = await client.go("continue");
    assert.equal(what(entered), "vma_enter on viewer[0].V");
    await client.ask("setFunctionBreakpoints", { breakpoints: [{ name: "vma_resume" }, { name: "zap_block" }] });
    assert.equal((await client.go("continue")).reason, "zap_block");
    const resumes = await client.go("lockbreak/leaveBranch", {});
    assert.equal(resumes.threadId, stop.threadId);
    assert.equal((await client.go("continue")).reason, "vma_resume");
  });

  it("data cannot be set: a message says why", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    const [frame] = await client.stack(stop.threadId);
    const cases: [string, string, RegExp][] = [
      ["data.i_mmap_lock.owner", "NULL", /would contradict itself/],
      ["viewer[0].V.vm_start", "1 +", /Expected a value/],
      ["viewer[0].V.vm_start", "viewer[1].V", /it is a whole number/],
      ["details->restart_vma", "3", /it points to a vma, or is NULL/],
      ["need_break", "0", /'need_break' is no field/],
      ["data.nothing", "0", /has no field 'nothing'/],
      ["viewer[0].V.vm_pgoff", "0 - 1", /unsigned/],
    ];
    for (const [expression, value, expected] of cases)
      assert.match(await client.refused("setExpression", { expression, value, frameId: frame!.id }), expected, expression);
    assert.equal(client.left("stopped").length, 0);
    // The client shows errors of the console and of commands of the extension itself: no dialog is requested.
    await client.refused("evaluate", { expression: "data.nothing = 0", context: "repl" });
    await client.refused("lockbreak/runNext", { threadId: stop.threadId });
    const dialogs = client.messages.flatMap((message) =>
      "body" in message && typeof message.body === "object" && message.body !== null && "error" in message.body
        ? [(message.body.error as DebugProtocol.Message).showUser]
        : [],
    );
    assert.deepEqual(dialogs, [...cases.map(() => true), false, false]);
  });

  it("a value contradicts the model: the kernel may fail, the debugger does not", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["bug"], functions: ["zap_pte_range"] });
    await client.ask("setFunctionBreakpoints", { breakpoints: [] });
    // A page that no page cache and no other table knows.
    await client.ask("setExpression", { expression: "pte(viewer[0], 0x40014000)", value: "0x7f001067" });
    await client.stopped();
    const bug = await client.go("continue");
    assert.equal(bug.reason, "exception");
    assert.match(bug.description!, /^↳ what-if · .*BUG [a-z-]+$/);
    assert.equal((await client.go("lockbreak/leaveBranch", {})).threadId, stop.threadId);
    assert.match((await client.go("continue")).description!, /end of the run$/);
  });

  it("another CPU executes next", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    await client.ask("setExceptionBreakpoints", { filters: [] });
    const origin = await position(client);
    const { threads: all } = (await client.ask("threads")) as DebugProtocol.ThreadsResponse["body"];
    const reader = all.find(({ name }) => name.startsWith("reader"))!.id;
    assert.match(
      await client.refused("lockbreak/runNext", { threadId: stop.threadId }),
      /shrink cannot be made to execute next: it does anyway/,
    );
    const before = await placeOf(client, reader);
    const moved = await client.go("lockbreak/runNext", { threadId: reader });
    assert.equal(moved.threadId, reader);
    const { branch } = await position(client);
    assert.deepEqual(branch, [`step ${origin.step}: reader executes next`]);
    assert.notEqual(await placeOf(client, reader), before);
    // The task that was scheduled has not moved.
    assert.equal((await client.stack(stop.threadId))[0]!.name, "unmap_mapping_range_vma");
    const here = await placeOf(client, reader);
    await client.go("stepBack", { threadId: reader });
    await client.go("next", { threadId: reader });
    assert.equal(await placeOf(client, reader), here);
    assert.match((await client.go("continue")).description!, /^↳ .*end of the run/);
  });

  it("another task is scheduled than the schedule says, and the rest of the run continues without it", async () => {
    const race = path.resolve("examples/races/K1-boundary.vmscn");
    const { stdout } = spawnSync(process.execPath, [CLI, "explore", race, "--json"], { encoding: "utf8" });
    const { schedule } = (JSON.parse(stdout) as ExploreDocument).kernels[0]!.findings[0]!;
    const { client, stop } = await debug(race, { functions: ["unmap_begin"] }, { schedule });
    const protect = (await threads(client)).findIndex((name) => name === "protect (CPU 1, not begun)") + stop.threadId!;
    assert.match(
      await client.refused("lockbreak/runNext", { threadId: stop.threadId }),
      /shrink cannot be made to execute next: it does anyway/,
    );
    const moved = await client.go("lockbreak/runNext", { threadId: protect });
    assert.deepEqual([moved.threadId, moved.description!.startsWith("↳ what-if")], [protect, true]);
    // It is too early for the truncation to have marked anything: nothing goes wrong.
    assert.match((await client.go("continue")).description!, /^↳ what-if · .*end of the run$/);
    await client.go("lockbreak/leaveBranch");
    assert.match((await client.go("lockbreak/continueOnly", { threadId: stop.threadId })).description!, /^↳ what-if · .*end of the run$/);
    await client.go("lockbreak/leaveBranch");
    assert.match((await client.go("continue")).description!, /BUG truncated-mapped$/);
  });

  it("only one thread executes, for one step or to the next stop", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    await client.ask("setExceptionBreakpoints", { filters: [] });
    const { threads: all } = (await client.ask("threads")) as DebugProtocol.ThreadsResponse["body"];
    const reader = all.find(({ name }) => name.startsWith("reader"))!.id;
    const other = await placeOf(client, reader);
    await position(client);
    const { threadId, singleThread } = { threadId: stop.threadId, singleThread: true };
    for (const [n, step] of ["next", "stepIn", "next"].entries()) {
      assert.equal((await client.go(step, { threadId, singleThread })).threadId, threadId);
      assert.equal(await placeOf(client, reader), other);
      assert.equal((await position(client)).branch.length, 2 * (n + 1));
    }
    await client.ask("setFunctionBreakpoints", { breakpoints: [{ name: "vma_complete" }] });
    const complete = await client.go("continue", { threadId, singleThread });
    assert.equal(complete.reason, "vma_complete");
    assert.equal(await placeOf(client, reader), other);
    const { branch } = await position(client);
    assert.match(branch.join("\n"), /^step \d+: only shrink executes\nstep \d+: all execute\n/);
    // A client that cannot say `singleThread` has a request for it, and comes to the same place.
    await client.go("lockbreak/leaveBranch");
    for (let n = 0; n < 3; n++) await client.go("lockbreak/nextOnly", { threadId });
    const alone = await client.go("lockbreak/continueOnly", { threadId });
    assert.deepEqual([alone.reason, alone.description], [complete.reason, complete.description]);
    assert.equal(await placeOf(client, reader), other);
  });
});
