// The debug console: commands, assignments and completions, which any client can use.

import type { DebugProtocol } from "@vscode/debugprotocol";
import assert from "node:assert/strict";
import type { Client, Stopped } from "./client.ts";
import { closeAll, debug, EXAMPLE, lineOf, placeOf, scenario, TWO_BREAKS } from "./support.ts";

type Output = DebugProtocol.OutputEvent["body"];

/** Types a line: the answer, and what was printed meanwhile. */
async function type(client: Client, expression: string, threadId: number): Promise<{ result: string; printed: Output[] }> {
  const before = client.left("output").length;
  const [frame] = await client.stack(threadId);
  const { result } = (await client.ask("evaluate", {
    expression,
    context: "repl",
    frameId: frame!.id,
  })) as DebugProtocol.EvaluateResponse["body"];
  return {
    result,
    printed: client
      .left("output")
      .slice(before)
      .map(({ body }) => body as Output),
  };
}

/** Types a line that moves the execution. */
async function go(client: Client, expression: string, threadId: number): Promise<Stopped> {
  const { result } = await type(client, expression, threadId);
  assert.equal(result, "");
  return client.stopped();
}

async function complete(client: Client, text: string, threadId: number): Promise<string[]> {
  const [frame] = await client.stack(threadId);
  const { targets } = (await client.ask("completions", {
    text,
    column: text.length + 1,
    frameId: frame!.id,
  })) as DebugProtocol.CompletionsResponse["body"];
  return targets.map(({ label }) => label);
}

describe("the console", () => {
  afterEach(closeAll);

  it("navigates forwards and backwards by commands, as by requests", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    const { threadId } = stop;
    const here = await placeOf(client, threadId);
    for (const [forth, back] of [
      ["step", "reverse-step"],
      ["next", "reverse-next"],
      ["step", "back"],
    ] as const) {
      await go(client, forth, threadId);
      assert.notEqual(await placeOf(client, threadId), here);
      await go(client, back, threadId);
      assert.equal(await placeOf(client, threadId), here);
    }
    const inside = (await client.stack(threadId)).length;
    await go(client, "reverse-finish", threadId);
    assert.equal((await client.stack(threadId)).length, inside - 1);
    assert.equal((await go(client, "continue", threadId)).description!.replace(/\/\d+/, ""), `◀ ${stop.description!.replace(/\/\d+/, "")}`);
    assert.match((await go(client, "goto event 412", threadId)).description!, /event 41\d\/\d+\+ .* behind event 412$/);
    assert.match((await go(client, "goto time 20us", threadId)).description!, / · 2\d\.\d+ us · at 20\.000 µs$/);
    assert.match((await go(client, "goto 6000", threadId)).description!, / step 6000$/);
    assert.match((await go(client, "previous-stop", threadId)).description!, / at 20\.000 µs$/);
    assert.equal((await go(client, "next-event", threadId)).reason, "goto");
    assert.equal((await go(client, "reverse-continue", threadId)).reason, "lockbreak");
  });

  it("shows vmas, locks, the tree, events, /proc and memory, in groups with links to the scenario", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    const show = async (line: string): Promise<Output[]> => {
      const { result, printed } = await type(client, line, stop.threadId);
      assert.equal(result, "");
      assert.deepEqual([printed[0]!.group, printed[0]!.output, printed.at(-1)!.group], ["start", `${line}\n`, "end"]);
      return printed.slice(1, -1);
    };
    const vmas = await show("info vmas");
    assert.match(vmas[1]!.output, /^viewer\[0\]\.V +0x40000000-0x40100000 +rw-s +data /);
    assert.deepEqual([vmas[1]!.source!.path, vmas[1]!.line], [EXAMPLE, lineOf(EXAMPLE, "V = mmap(data)")]);
    assert.deepEqual(await show("info vmas data"), vmas);
    assert.deepEqual(
      (await show("info vmas viewer[3]")).map(({ output }) => output.split(" ")[0]),
      ["vma", "viewer[3].V"],
    );
    assert.ok(
      (await show("info locks")).some(
        ({ output, line }) => /^data\.i_mmap_lock +free +reader/.test(output) && line === lineOf(EXAMPLE, "file data"),
      ),
    );
    assert.deepEqual(
      (await show("info tree data")).map(({ output }) => output),
      ["[0, 255] viewer[0].V (0), vm_set: viewer[1].V (0), viewer[2].V (0), viewer[3].V (0)\n", "└─ left [0, 15] editor.A (0)\n"],
    );
    const events = await show("info trace 20");
    assert.equal(events.length, 21);
    assert.match(events.at(-1)!.output, /shrink +drops data\.i_mmap_lock inside viewer\[0\]\.V/);
    assert.ok(
      (await show("info trace 300")).some(
        ({ output, line }) => /calls truncate\(data, 64K\)/.test(output) && line === lineOf(EXAMPLE, "truncate(data, 64K)"),
      ),
    );
    assert.equal((await show("smaps viewer[2]")).length, 7);
    assert.match((await show("lockstat"))[0]!.output, /^class name +contentions +waittime-max/);
    assert.match(
      (await show("help")).map(({ output }) => output).join(""),
      /^next, n +continue to the next statement[^]*\ninfo vmas \[OF\] \| locks[^]*\nbranch \[leave\]/,
    );
    // A single line is the answer itself.
    assert.deepEqual(await type(client, "maps viewer[3]", stop.threadId), {
      result: "40000000-40100000 rw-s 00000000 03:01 1          data",
      printed: [],
    });
    assert.match((await type(client, "x/2 1 << 41", stop.threadId)).result, /^0x20000000000: {2}0x0{8} {2}0x0{8}$/);
  });

  it("sets values, lists the branch, and leaves it", async () => {
    const { client, stop } = await debug(scenario(TWO_BREAKS), { filters: ["lockbreak"] });
    const { threadId } = stop;
    assert.equal((await type(client, "branch", threadId)).result, "This is the recorded execution.");
    assert.equal((await type(client, "data.truncate_count = 40 + 2", threadId)).result, "42");
    assert.match((await client.stopped()).description!, /^↳ /);
    assert.match((await type(client, "branch", threadId)).result, /^step \d+: data\.truncate_count = 40 \+ 2$/);
    assert.equal(await client.watch("data.truncate_count", threadId), "42");
    assert.ok(!(await go(client, "branch leave", threadId)).description!.startsWith("↳"));
    assert.equal(await client.watch("data.truncate_count", threadId), "1");
    // Comparisons set nothing, and a watch never does.
    assert.equal((await type(client, "data.truncate_count == 1", threadId)).result, "1");
    const [frame] = await client.stack(threadId);
    await client.refused("evaluate", { expression: "data.truncate_count = 3", context: "watch", frameId: frame!.id });
    assert.equal(client.left("stopped").length, 0);
  });

  it("distinguishes names of the scenario from commands, and says what is wrong", async () => {
    const program = scenario(TWO_BREAKS.replaceAll("data", "next").replaceAll("shrink", "c"));
    const { client, stop } = await debug(program, { filters: ["lockbreak"] });
    const { threadId } = stop;
    assert.match((await type(client, "next", threadId)).result, /^address_space of next/);
    assert.equal((await type(client, "next.truncate_count", threadId)).result, "1");
    assert.match((await type(client, "c", threadId)).result, /^c, pid 2/);
    const [frame] = await client.stack(threadId);
    for (const [line, expected] of [
      ["goto event x", /^Write: goto N, goto event N/],
      ["info pages", /^Write: info vmas, .*info locks/],
      ["info locks data", /^Write: info vmas, .*info locks/],
      ["info vmas c", /^Write: info vmas FILE or info vmas PROCESS/],
      ["maps next", /^Write: maps PROCESS/],
      ["step 3", /^'step' takes no argument/],
      ["branch 7", /^Write: branch/],
      ["reverse", /'reverse' is not known here/],
      ["x/4 1 << 30", /no page table/],
    ] as const)
      assert.match(await client.refused("evaluate", { expression: line, context: "repl", frameId: frame!.id }), expected, line);
  });

  it("says that nothing is mapped where nothing is", async () => {
    const { client, stop } = await debug(EXAMPLE, {}, { stopOnEntry: true });
    for (const line of ["maps viewer[3]", "smaps viewer[3]"])
      assert.equal((await type(client, line, stop.threadId)).result, "Nothing is mapped.");
  });

  it("completes names, fields, functions and commands", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    const { threadId } = stop;
    assert.deepEqual(await complete(client, "reverse-", threadId).then((found) => found.slice(0, 5)), [
      "reverse-step",
      "reverse-next",
      "reverse-out",
      "reverse-finish",
      "reverse-continue",
    ]);
    assert.deepEqual((await complete(client, "re", threadId)).slice(-2), ["reader", "restarts"]);
    assert.deepEqual(await complete(client, "details->restart_", threadId), ["restart_vma", "restart_pgoff", "restart_addr"]);
    assert.ok((await complete(client, "viewer[3].", threadId)).includes("rss"));
    assert.deepEqual(await complete(client, "last_", threadId), ["last_write"]);
    assert.deepEqual(await complete(client, "info t", threadId), ["tree", "trace"]);
    assert.deepEqual(await complete(client, "goto ", threadId), ["event", "time", "step"]);
    assert.deepEqual(await complete(client, "1 + data.trunc", threadId), ["truncate_count"]);
    assert.deepEqual(await complete(client, "nothing.", threadId), []);
  });
});
