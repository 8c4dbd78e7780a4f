// Navigation in time: events, times, steps, executions of a line, the beginning of a call, earlier stops.

import type { DebugProtocol } from "@vscode/debugprotocol";
import assert from "node:assert/strict";
import type { EventRow, EventList, ExecutionPosition } from "../../src/debug-adapter/protocol/protocol.ts";
import type { Client, Stopped } from "./client.ts";
import { closeAll, debug, EXAMPLE, kernel, lineOf, placeOf, scenario, stackOf, TWO_BREAKS } from "./support.ts";

const VARIANT = kernel("vmtrunc4/memory.ts");

/** The position that was sent with the last stop. */
async function position(client: Client): Promise<ExecutionPosition> {
  return (await client.event("lockbreak/moved")).body as ExecutionPosition;
}

/** The text of a stop, behind its event and time. */
function what({ description }: Stopped): string {
  return description!.split(" · ").slice(2).join(" · ");
}

describe("going to", () => {
  afterEach(closeAll);

  it("an event, a time and a step stops at the first statement there, from before and from behind", async () => {
    const { client } = await debug(EXAMPLE, {}, { stopOnEntry: true });
    await position(client);
    const at = async (args: object): Promise<ExecutionPosition> => {
      const stop = await client.go("lockbreak/goto", args);
      assert.equal(stop.reason, "goto");
      return position(client);
    };
    const event = await at({ event: 400 });
    assert.equal(event.description.split(" · ").at(-1), "behind event 400");
    assert.ok(event.event >= 400);
    const before = await at({ step: event.step - 1 });
    assert.ok(before.event < 400 && before.step === event.step - 1 && before.past);
    assert.deepEqual((await at({ event: 400 })).step, event.step);
    const later = await at({ time: event.time + 50_000 });
    assert.ok(later.time >= event.time + 50_000 && later.step > event.step);
    const earlier = await at({ time: event.time });
    assert.ok(earlier.step <= event.step);
    assert.ok((await at({ step: earlier.step - 1 })).time < event.time);
    const end = await client.go("lockbreak/goto", { event: 1e9 });
    assert.equal(end.reason, "end");
    assert.equal((await client.go("lockbreak/goto", { event: 0 })).reason, "entry");
    for (const args of [{}, { event: -1 }, { time: "soon" }]) assert.match(await client.refused("lockbreak/goto", args), /not well formed/);
  });

  it("the next and the previous event, one after the other, reports the tracepoint", async () => {
    const { client } = await debug(scenario(TWO_BREAKS), { functions: ["unmap_begin"] });
    await position(client);
    const forth: [number, string][] = [];
    for (let n = 0; n < 12; n++) {
      const stop = await client.go("lockbreak/goto", { to: "nextEvent" });
      forth.push([(await position(client)).step, what(stop)]);
    }
    assert.deepEqual(
      forth.slice(0, 3).map(([, text]) => text),
      ["unmap_pass on data", "vma_enter on viewer[0].V", "lock_acquire on viewer[0].page_table_lock"],
    );
    const back = [forth.at(-1)!];
    for (let n = 0; n < 11; n++) {
      const stop = await client.go("lockbreak/goto", { to: "previousEvent" });
      back.push([(await position(client)).step, what(stop)]);
    }
    assert.deepEqual(back.reverse(), forth);
    // Behind the last event there is none: the stop stays, and a message says so.
    await client.ask("setFunctionBreakpoints", { breakpoints: [] });
    const end = await client.go("continue");
    const again = await client.go("lockbreak/goto", { to: "nextEvent" });
    assert.deepEqual([again.reason, again.description], [end.reason, end.description]);
    assert.match((client.left("output").at(-1)!.body as { output: string }).output, /no event behind this/);
  });

  it("earlier stops, and back, works as in a browser", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    const seen = [await position(client)];
    for (const [command, args] of [
      ["next", { threadId: stop.threadId }],
      ["continue", { threadId: stop.threadId }],
      ["lockbreak/goto", { step: 100 }],
    ] as const) {
      await client.go(command, args);
      seen.push(await position(client));
    }
    const steps: number[] = [];
    for (const to of ["previousStop", "previousStop", "previousStop", "nextStop", "nextStop", "nextStop"]) {
      assert.equal((await client.go("lockbreak/goto", { to })).reason, "goto");
      steps.push((await position(client)).step);
    }
    assert.deepEqual(
      steps,
      [2, 1, 0, 1, 2, 3].map((at) => seen[at]!.step),
    );
    await client.go("lockbreak/goto", { to: "nextStop" });
    assert.match((client.left("output").at(-1)!.body as { output: string }).output, /This is where you have stopped last/);
  });

  it("the next and the previous execution of a line stops there", async () => {
    const line = lineOf(VARIANT, "details.restart_vma = vma;");
    const { client, stop } = await debug(EXAMPLE, { lines: { [VARIANT]: [line] } });
    const first = await position(client);
    await client.go("continue");
    const second = await position(client);
    await client.go("continue");
    const third = await position(client);
    await client.ask("setBreakpoints", { source: { path: VARIANT }, breakpoints: [] });
    await client.go("lockbreak/goto", { step: second.step + 3 });
    await position(client);
    const target = async (forwards: boolean): Promise<ExecutionPosition> => {
      const { targets } = (await client.ask("gotoTargets", {
        source: { path: VARIANT },
        line,
      })) as DebugProtocol.GotoTargetsResponse["body"];
      assert.deepEqual(
        targets.map(({ label }) => label),
        [`▶ next execution of line ${line}`, `◀ previous execution of line ${line}`],
      );
      const reached = await client.go("goto", { threadId: stop.threadId, targetId: targets[forwards ? 0 : 1]!.id });
      assert.equal(reached.reason, "goto");
      return position(client);
    };
    assert.equal((await target(true)).step, third.step);
    assert.equal((await target(false)).step, second.step);
    assert.equal((await target(false)).step, first.step);
    // Before the first execution there is none.
    const { targets } = (await client.ask("gotoTargets", { source: { path: VARIANT }, line })) as DebugProtocol.GotoTargetsResponse["body"];
    const stays = await client.go("goto", { threadId: stop.threadId, targetId: targets[1]!.id });
    assert.equal(await placeOf(client, stays.threadId), await placeOf(client, stop.threadId));
    assert.equal((await position(client)).step, first.step);
    assert.match((client.left("output").at(-1)!.body as { output: string }).output, /There is no previous execution of line/);
    assert.match(await client.refused("goto", { threadId: stop.threadId, targetId: targets[1]!.id }), /is gone/);
  });

  it("an execution of a line distinguishes the statements on it", async () => {
    const program = scenario(
      TWO_BREAKS.replace("  truncate(data, 0)\n  truncate(data, 0)\n", "  repeat 2 { truncate(data, 4K) truncate(data, 0) }\n"),
    );
    const line = lineOf(program, "repeat 2");
    const text = "  repeat 2 { truncate(data, 4K) truncate(data, 0) }";
    const { client } = await debug(program, { lines: { [program]: [{ line, column: text.indexOf("truncate(data, 0)") + 1 }] } });
    const { breakpoints } = (await client.ask("breakpointLocations", {
      source: { path: program },
      line,
    })) as DebugProtocol.BreakpointLocationsResponse["body"];
    assert.deepEqual(
      breakpoints.map(({ column }) => column),
      [3, text.indexOf("truncate(data, 4K)") + 1, text.indexOf("truncate(data, 0)") + 1],
    );
    assert.deepEqual(await stackOf(client, 2), ["truncate(data, 0)"]);
    const { targets } = (await client.ask("gotoTargets", { source: { path: program }, line })) as DebugProtocol.GotoTargetsResponse["body"];
    assert.deepEqual(
      targets.map(({ label }) => label.slice(2)),
      [3, 14, 33].flatMap((column) => ["next", "previous"].map((which) => `${which} execution of line ${line}, column ${column}`)),
    );
    await client.go("goto", { threadId: 2, targetId: targets[2]!.id });
    assert.deepEqual(await stackOf(client, 2), ["truncate(data, 4K)"]);
    const atColumn = (await client.ask("gotoTargets", {
      source: { path: program },
      line,
      column: 20,
    })) as DebugProtocol.GotoTargetsResponse["body"];
    assert.deepEqual(
      atColumn.targets.map(({ column }) => column),
      [14, 14],
    );
  });

  it("the beginning of a call stops at its first statement", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    await client.ask("setExceptionBreakpoints", { filters: [] });
    const origin = await position(client);
    const stack = await client.stack(stop.threadId);
    for (const [number, frame] of stack.entries()) {
      const frames = await client.stack(stop.threadId);
      const restarted = await client.go("restartFrame", { frameId: frames[number]!.id });
      assert.deepEqual([restarted.reason, restarted.threadId, what(restarted)], ["restart", stop.threadId, `${frame.name} begins`]);
      assert.deepEqual(
        await stackOf(client, stop.threadId),
        stack.slice(number).map(({ name }) => name),
      );
      const { step } = await position(client);
      assert.ok(step < origin.step);
      // At the beginning of the call, the request stays there.
      await client.go("restartFrame", { frameId: (await client.stack(stop.threadId))[0]!.id });
      assert.equal((await position(client)).step, step);
      await client.go("lockbreak/goto", { step: origin.step });
      assert.equal((await position(client)).event, origin.event);
    }
  });

  it("one of several calls of a statement stops in its function", async () => {
    const text = "need_break = (yield* k.need_resched()) || (yield* k.need_lockbreak(details.i_mmap_lock!));";
    const tree = "if (node !== shared) yield* k.vma_prio_tree_add(vma, node.entry);";
    assert.ok(lineOf(VARIANT, text) > 0 && lineOf(kernel("common/prio_tree.ts"), tree) > 0);
    const { client, stop } = await debug(EXAMPLE, { lines: { [VARIANT]: [lineOf(VARIANT, "yield* k.zap_page_range(vma")] } });
    const [frame, caller] = await client.stack(stop.threadId);
    const { targets } = (await client.ask("stepInTargets", { frameId: frame!.id })) as DebugProtocol.StepInTargetsResponse["body"];
    assert.deepEqual(
      targets.map(({ label }) => label),
      ["k.zap_page_range(vma, start_addr, end_addr - start_addr, details)"],
    );
    assert.deepEqual(
      ((await client.ask("stepInTargets", { frameId: caller!.id })) as DebugProtocol.StepInTargetsResponse["body"]).targets,
      [],
    );
    const inside = await client.go("stepIn", { threadId: stop.threadId, targetId: targets[0]!.id });
    assert.equal((await stackOf(client, inside.threadId))[0], "zap_page_range");
    assert.match(await client.refused("stepIn", { threadId: stop.threadId, targetId: targets[0]!.id }), /is gone/);
  });
});

describe("the list of events", () => {
  afterEach(closeAll);

  it("contains past and future events, by number or by text, and does not move the execution", async () => {
    const { client, stop } = await debug(EXAMPLE, { functions: ["lockbreak"] });
    const before = await placeOf(client, stop.threadId!);
    const { event } = await position(client);
    const list = async (args: object): Promise<EventList> => (await client.ask("lockbreak/events", args)) as EventList;
    const all: EventRow[] = [];
    for (let complete = false; !complete;) {
      const page = await list({ from: all.length + 1, count: 1000 });
      all.push(...page.events);
      complete = page.complete;
    }
    assert.deepEqual(
      all.map((row) => row.event),
      all.map((_, i) => i + 1),
    );
    assert.equal(all[event - 1]!.name, "lockbreak");
    assert.match(all[event - 1]!.text, /^drops data\.i_mmap_lock inside viewer\[0\]\.V/);
    const around = await list({ from: event - 5, count: 11 });
    assert.deepEqual(around, { events: all.slice(event - 6, event + 5), complete: false });
    const restarts = await list({ match: " RESTART " });
    assert.deepEqual(restarts, {
      events: all.filter(({ name, text }) => /restart/i.test(`${name} ${text}`)).slice(0, 100),
      complete: true,
    });
    assert.deepEqual(await list({ from: all.length + 1 }), { events: [], complete: true });
    for (const args of [{ from: 0 }, { count: 1.5 }, { match: 7 }])
      assert.match(await client.refused("lockbreak/events", args), /not well formed/);
    assert.equal(await placeOf(client, stop.threadId!), before);
    // The end of the list is the end of the run.
    assert.equal((await client.go("lockbreak/goto", { event: all.length + 1 })).reason, "end");
    assert.equal((await position(client)).events, all.length);
  });
});

describe("log points", () => {
  afterEach(closeAll);

  it("print their message with values, and do not stop", async () => {
    const line = lineOf(VARIANT, "details.restart_vma = vma;");
    const logMessage = "breaks at {details->break_addr}, {restarts} restarts \\{of\\} {vma}; {nothing}";
    const { client, stop } = await debug(EXAMPLE, { lines: { [VARIANT]: [{ line, logMessage, condition: "vma == viewer[0].V" }] } });
    assert.equal(stop.reason, "end");
    const logged = client
      .left("output")
      .map(({ body }) => body as DebugProtocol.OutputEvent["body"])
      .filter(({ output }) => output.startsWith("breaks"));
    assert.ok(logged.length > 1);
    assert.match(
      logged[0]!.output,
      /^breaks at 0x40[0-9a-f]{6}, 0 restarts \{of\} viewer\[0\]\.V 0x40000000-0x40100000 rw-s; \{'nothing' is not known here\.[^}]*\}\n$/,
    );
    assert.deepEqual([logged[0]!.line, logged[0]!.source!.path], [line, VARIANT]);
    // Going back prints nothing; going forth again does.
    await client.go("reverseContinue");
    await client.go("continue");
    const again = client.left("output").filter(({ body }) => (body as DebugProtocol.OutputEvent["body"]).output.startsWith("breaks"));
    assert.equal(again.length, 2 * logged.length);
  });

  it("report what is wrong with their message, and print a limited number of messages", async () => {
    const line = lineOf(kernel("common/memory_zap.ts"), "const pte = table[at]!;");
    const { client } = await debug(
      scenario("file data size 4M\nprocess p { V = mmap(data) touch(V) }\ntask t in p on cpu 0 { truncate(data, 96K) truncate(data, 0) }"),
      {},
      { stopOnEntry: true },
    );
    const { breakpoints } = (await client.ask("setBreakpoints", {
      source: { path: kernel("common/memory_zap.ts") },
      breakpoints: [{ line, logMessage: "{1 +}" }],
    })) as DebugProtocol.SetBreakpointsResponse["body"];
    assert.match(breakpoints[0]!.message!, /Log message: \{1 \+\}: Expected a value/);
    await client.ask("setBreakpoints", {
      source: { path: kernel("common/memory_zap.ts") },
      breakpoints: [{ line, logMessage: "at {at}" }],
    });
    await client.go("continue");
    const logged = client.left("output").map(({ body }) => (body as DebugProtocol.OutputEvent["body"]).output);
    assert.equal(logged.filter((text) => text.startsWith("at ")).length, 1000);
    assert.ok(logged.includes("… and 1024 more messages.\n"));
  });
});

describe("conditions", () => {
  afterEach(closeAll);

  it("can use the counters of the file in scope", async () => {
    const { client, stop } = await debug(EXAMPLE, {
      functions: [{ name: "vma_complete", condition: "vma == viewer[3].V && restarts > 2" }],
    });
    assert.equal(stop.reason, "vma_complete");
    assert.ok(Number(await client.watch("restarts(data)", stop.threadId)) > 2);
    assert.equal(await client.watch("restarts == restarts(data) && lockbreaks == lockbreaks(data)", stop.threadId), "1");
  });
});
