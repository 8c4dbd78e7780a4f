// Execution control: stepping, continuing and pausing, forwards and backwards.

import assert from "node:assert/strict";
import type { Client, Stopped } from "./client.ts";
import { closeAll, connect, debug, ENDLESS, EXAMPLE, kernel, lineOf, placeOf, scenario, stackOf, TWO_BREAKS } from "./support.ts";

const SEARCH = kernel("vmtrunc4/memory_search.ts");

/** Sends a request n times; the locations of the thread before each and at the end. */
async function places(client: Client, command: string, args: object, threadId: number, count: number): Promise<string[]> {
  const found = [await placeOf(client, threadId)];
  for (let at = 0; at < count; at++) {
    await client.go(command, { ...args, threadId });
    found.push(await placeOf(client, threadId));
  }
  return found;
}

/** Description of a stop without model time and the mark of the past. */
function eventOf({ description }: Stopped): string {
  return /event (\d+)/.exec(description ?? "")![1]!;
}

describe("stepping", () => {
  afterEach(closeAll);

  it("goes N statements into and N back, exactly", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    await client.ask("setExceptionBreakpoints", { filters: [] });
    const forth = await places(client, "stepIn", {}, stop.threadId, 40);
    const back = await places(client, "lockbreak/reverse", { kind: "stepIn" }, stop.threadId, 40);
    assert.deepEqual(back.reverse(), forth);
    assert.equal(client.left("continued").length, 40);
  });

  it("goes N statements over and N back within a function", async () => {
    const { client, stop } = await debug(scenario(TWO_BREAKS), { functions: ["unmap_mapping_range"] });
    const forth = await places(client, "next", {}, stop.threadId, 8);
    const back = await places(client, "stepBack", {}, stop.threadId, 8);
    assert.deepEqual(back.reverse(), forth);
    assert.ok(forth.every((place) => place.startsWith("unmap_mapping_range:")));
  });

  it("leaves a function forwards, and backwards to its call", async () => {
    const { client, stop } = await debug(EXAMPLE, { functions: ["unmap_mapping_range_vma"] });
    await client.ask("setFunctionBreakpoints", { breakpoints: [] });
    const inside = await stackOf(client, stop.threadId);
    await client.go("lockbreak/reverse", { kind: "stepOut", threadId: stop.threadId });
    const call = await client.stack(stop.threadId);
    assert.deepEqual(
      call.map(({ name }) => name),
      inside.slice(1),
    );
    assert.equal(call[0]!.line, lineOf(SEARCH, "restart = yield* k.unmap_mapping_range_vma"));
    await client.go("stepIn", { threadId: stop.threadId });
    assert.deepEqual(await stackOf(client, stop.threadId), inside);
    await client.go("stepOut", { threadId: stop.threadId });
    assert.deepEqual(await stackOf(client, stop.threadId), inside.slice(1));
  });

  it("stops backwards where it has stopped forwards", async () => {
    const { client, stop } = await debug(EXAMPLE, {
      filters: ["lockbreak"],
      functions: ["unmap_mapping_range_vma"],
      lines: { [EXAMPLE]: [27] },
    });
    const forth = [`${stop.reason} ${eventOf(stop)}`];
    for (let at = 0; at < 8; at++) {
      const { reason, ...rest } = await client.go("continue");
      forth.push(`${reason} ${eventOf({ reason, ...rest } as Stopped)}`);
    }
    const back = [forth.at(-1)!];
    for (let at = 0; at < 8; at++) {
      const next = await client.go("reverseContinue");
      back.push(`${next.reason} ${eventOf(next)}`);
      assert.match(next.description!, /^◀ /);
    }
    assert.deepEqual(back.reverse(), forth);
    const start = await client.go("reverseContinue");
    assert.equal(start.reason, "entry");
    assert.equal((await client.go("stepBack", { threadId: start.threadId })).reason, "entry");
  });

  it("stops on entry, before anything was executed", async () => {
    const { client, stop } = await debug(EXAMPLE, {}, { stopOnEntry: true });
    assert.equal(stop.reason, "entry");
    const { threads } = (await client.ask("threads")) as { threads: { name: string }[] };
    assert.deepEqual(
      threads.map(({ name }) => name),
      ["setup (before time begins)"],
    );
    assert.deepEqual(await stackOf(client, stop.threadId), ["V = mmap(data)"]);
    await client.go("next", { threadId: stop.threadId });
    assert.deepEqual(await stackOf(client, stop.threadId), ["touch(V)"]);
  });

  it("steps the thread that is named, wherever it is", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    await client.ask("setExceptionBreakpoints", { filters: [] });
    const { threads } = (await client.ask("threads")) as { threads: { id: number; name: string }[] };
    assert.deepEqual(
      threads.map(({ name }) => name),
      ["shrink (CPU 0, running)", "reader (CPU 1, spinning on data.i_mmap_lock)"],
    );
    const reader = threads[1]!.id;
    const before = await stackOf(client, reader);
    assert.equal((await client.go("next", { threadId: reader })).threadId, reader);
    assert.notEqual(await placeOf(client, reader), before[0]);
    await client.go("stepBack", { threadId: reader });
    assert.deepEqual(await stackOf(client, reader), before);
    assert.equal(stop.threadId, threads[0]!.id);
  });

  it("stops before a `stop` statement", async () => {
    const { client, stop } = await debug(scenario(TWO_BREAKS.replace("  truncate(data, 0)\n", "  stop\n  truncate(data, 0)\n")));
    assert.equal(stop.reason, "stop");
    assert.deepEqual(await stackOf(client, stop.threadId), ["stop"]);
  });

  it("pauses a long run at once, and again and again", async () => {
    const client = await connect({ check: false });
    await client.launch({ program: scenario(ENDLESS) });
    let last = 0;
    for (let at = 0; at < 3; at++) {
      const stop = await client.go("pause");
      assert.equal(stop.reason, "pause");
      const position = (await client.event("lockbreak/moved")).body as { step: number };
      assert.ok(position.step > last);
      last = position.step;
      await client.ask("continue", { threadId: stop.threadId });
      assert.match(await client.refused("stackTrace", { threadId: stop.threadId }), /is running: pause it first/);
      await client.ask("threads");
    }
    // Breakpoints that are set while it runs stop it.
    await client.ask("setFunctionBreakpoints", {
      breakpoints: [{ name: "do_no_page" }, { name: "sched_switch" }, { name: "access_user_range" }],
    });
    assert.match((await client.stopped()).reason, /function breakpoint|sched_switch/);
  });

  it("returns to its origin when a backwards operation is paused", async () => {
    const client = await connect({ check: false });
    await client.launch({ program: scenario(ENDLESS) });
    await client.go("pause");
    const { step } = (await client.event("lockbreak/moved")).body as { step: number };
    await client.ask("reverseContinue", { threadId: 2 });
    await client.ask("pause", { threadId: 2 });
    const stop = await client.stopped();
    const moved = (await client.event("lockbreak/moved")).body as { step: number };
    assert.ok((stop.reason === "pause" && moved.step === step) || stop.reason === "entry");
  });
});
