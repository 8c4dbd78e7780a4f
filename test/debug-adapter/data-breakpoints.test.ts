// Data breakpoints, and queries about the history of data.

import type { DebugProtocol } from "@vscode/debugprotocol";
import assert from "node:assert/strict";
import type { Client, Stopped } from "./client.ts";
import { closeAll, connect, debug, EXAMPLE, scenario, stackOf, TWO_BREAKS } from "./support.ts";

type Info = DebugProtocol.DataBreakpointInfoResponse["body"];

async function info(client: Client, args: object): Promise<Info> {
  return (await client.ask("dataBreakpointInfo", args)) as Info;
}

async function set(client: Client, ...breakpoints: DebugProtocol.DataBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
  return ((await client.ask("setDataBreakpoints", { breakpoints })) as DebugProtocol.SetDataBreakpointsResponse["body"]).breakpoints;
}

/** The text of a stop, behind its event and time. */
function what({ description }: Stopped): string {
  return description!.split(" · ").slice(2).join(" · ");
}

async function scope(client: Client, frameId: number, name: string): Promise<number> {
  const { scopes } = (await client.ask("scopes", { frameId })) as DebugProtocol.ScopesResponse["body"];
  return scopes.find((one) => one.name === name)!.variablesReference;
}

describe("data breakpoints", () => {
  afterEach(closeAll);

  it("stop at each write of another value, in both directions, and report the value before and after", async () => {
    const { client, stop } = await debug(scenario(TWO_BREAKS), {}, { stopOnEntry: true });
    const { dataId, accessTypes, canPersist } = await info(client, { name: "data.truncate_count" });
    assert.deepEqual([dataId, accessTypes, canPersist], ["data.truncate_count", ["write", "read", "readWrite"], true]);
    const [breakpoint] = await set(client, { dataId: dataId!, accessType: "write" });
    assert.equal(breakpoint!.verified, true);
    const first = await client.go("continue");
    assert.deepEqual(
      [first.reason, first.hitBreakpointIds, what(first)],
      ["data breakpoint", [breakpoint!.id], "data.truncate_count 0 → 1"],
    );
    assert.equal((await stackOf(client, first.threadId))[0], "unmap_mapping_range");
    assert.equal(what(await client.go("continue")), "data.truncate_count 1 → 2");
    assert.match(what(await client.go("continue")), /^end of the run/);
    assert.equal(what(await client.go("reverseContinue")), "data.truncate_count 1 → 2");
    assert.equal(what(await client.go("reverseContinue")), "data.truncate_count 0 → 1");
    assert.equal((await client.go("reverseContinue")).reason, "entry");
    assert.equal(stop.reason, "entry");
  });

  it("take conditions on both values, and hit counts", async () => {
    const { client } = await debug(EXAMPLE, {}, { stopOnEntry: true });
    await set(client, { dataId: "viewer[1].rss", condition: "before - after >= 8 && after < 200", hitCondition: "== 2" });
    const stop = await client.go("continue");
    const [, before, after] = /rss (\d+) → (\d+)$/.exec(stop.description!)!.map(Number);
    assert.ok(before! - after! >= 8 && after! < 200);
    await set(client, { dataId: "viewer[1].rss", condition: "before - after >= 8 && after < 200" });
    assert.ok(Number(/rss (\d+)/.exec((await client.go("reverseContinue")).description!)![1]) > before!);
  });

  it("have ids in terms of the scenario for fields of vmas, locks and ptes", async () => {
    const { client, stop } = await debug(EXAMPLE, { functions: ["zap_pte_range"] });
    await client.ask("setFunctionBreakpoints", { breakpoints: [] });
    const stack = await client.stack(stop.threadId);
    const at = (name: string): number => stack.find((frame) => frame.name === name)!.id;
    const locals = await scope(client, at("zap_pte_range"), "Arguments");
    const { variables } = (await client.ask("variables", { variablesReference: locals })) as DebugProtocol.VariablesResponse["body"];
    const table = variables.find(({ name }) => name === "table")!;
    const pte = await info(client, { variablesReference: table.variablesReference, name: "[20]" });
    assert.deepEqual([pte.dataId, pte.canPersist, pte.accessTypes], ["pte(viewer[0], 0x40014000)", true, ["write"]]);
    const count = await info(client, { name: "vma->vm_truncate_count", frameId: at("unmap_page_range") });
    assert.equal(count.dataId, "viewer[0].V.vm_truncate_count");
    const break_lock = await info(client, { name: "details->i_mmap_lock->break_lock", frameId: at("unmap_vmas") });
    assert.deepEqual([break_lock.dataId, break_lock.accessTypes?.length], ["data.i_mmap_lock.break_lock", 3]);
    await set(client, { dataId: pte.dataId! }, { dataId: count.dataId! }, { dataId: "data.i_sem.owner" });
    assert.match(what(await client.go("continue")), /^pte\(viewer\[0\], 0x40014000\) 0x[0-9a-f]+ → 0x0$/);
    assert.equal(what(await client.go("continue")), "viewer[0].V.vm_truncate_count 0 → 1");
    assert.equal(what(await client.go("continue")), "data.i_sem.owner shrink, pid 2, CPU 0 → NULL");
  });

  it("watch the struct of a single call, in both directions, though it has no name", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    await client.ask("setExceptionBreakpoints", { filters: [] });
    const [frame] = await client.stack(stop.threadId);
    const { dataId, canPersist, description } = await info(client, {
      variablesReference: await scope(client, frame!.id, "Details"),
      name: "restart_addr",
    });
    assert.deepEqual([canPersist, description], [false, "details->restart_addr of this call"]);
    const [breakpoint] = await set(client, { dataId: dataId! });
    assert.equal(breakpoint!.verified, true);
    const forth: string[] = [];
    for (let next = await client.go("continue"); next.reason === "data breakpoint"; next = await client.go("continue"))
      forth.push(what(next));
    assert.ok(forth.length > 3 && forth.every((text) => /^details->restart_addr 0x[0-9a-f]+ → 0x[0-9a-f]+$/.test(text)));
    const back: string[] = [];
    for (let next = await client.go("reverseContinue"); next.reason === "data breakpoint"; next = await client.go("reverseContinue"))
      back.push(what(next));
    // The write before the stop at which it was set is hit, too.
    assert.deepEqual(back.reverse().slice(1), forth);
    assert.match(back[0]!, /^details->restart_addr 0x0 → /);
  });

  it("stop at reads that may race with a write, and at all accesses", async () => {
    const faulting = await debug(scenario(TWO_BREAKS.replace("  truncate(data, 0)\n}", "  touch(V)\n}")), {}, { stopOnEntry: true });
    await set(faulting.client, { dataId: "data.i_size", accessType: "read" });
    assert.equal(what(await faulting.client.go("continue")), "data.i_size read by shrink: 0");
    const { client } = await debug(EXAMPLE, {}, { stopOnEntry: true });
    await set(client, { dataId: "data.i_mmap_lock.break_lock", accessType: "readWrite" });
    const seen = new Set<string>();
    for (let stop = await client.go("continue"); stop.reason === "data breakpoint"; stop = await client.go("continue"))
      seen.add(what(stop).replace(/by \w+/, "by T"));
    const name = "data.i_mmap_lock.break_lock";
    assert.deepEqual([...seen].sort(), [
      `${name} 0 → 1`,
      `${name} 1 → 0`,
      `${name} read by T: 0`,
      `${name} read by T: 1`,
      `${name} written: 0, as before`,
    ]);
  });

  it("have ids for fields of a CPU's gather and of a file's tree, too", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    const [frame] = await client.stack(stop.threadId);
    for (const name of ["gather(0).freed", "data.i_mmap.index_bits"])
      assert.deepEqual(await info(client, { name, frameId: frame!.id }).then(({ dataId, canPersist }) => [dataId, canPersist]), [
        name,
        true,
      ]);
    const later = await debug(EXAMPLE, {}, { stopOnEntry: true });
    const [bound, beyond] = await set(later.client, { dataId: "gather(0).freed" }, { dataId: "gather(7).freed" });
    assert.deepEqual([bound!.verified, beyond!.verified], [true, false]);
    assert.match(beyond!.message!, /the number of a CPU, from 0 to/);
    assert.match(what(await later.client.go("continue")), /^gather\(0\)\.freed \d+ → \d+$/);
  });

  it("say why something cannot be watched", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    const [frame] = await client.stack(stop.threadId);
    const cases: [string, RegExp][] = [
      ["viewer[0].map_count", /calculated/],
      ["data.i_mmap_lock", /stays the same: name one of its fields/],
      ["need_break", /'need_break' is no field/],
      ["1 + data.i_size", /calculated/],
      ["data.i_sise", /Did you mean 'i_size'/],
      ["pte(viewer[0], 0)", /no page table/],
      ["cpu(0).clock", /kept by the machine, not by the kernel/],
      ["shrink.state", /calculated/],
      ["1 +", /Expected a value/],
    ];
    for (const [name, expected] of cases) {
      const { dataId, description } = await info(client, { name, frameId: frame!.id });
      assert.equal(dataId, null, name);
      assert.match(description, expected, name);
    }
  });

  it("keep their ids from session to session, and are verified at launch", async () => {
    const client = await connect();
    await client.initialize();
    const setBefore = await set(
      client,
      { dataId: "data.truncate_count" },
      { dataId: "dada.truncate_count" },
      { dataId: "details->x @ step 3, thread 1, frame 0" },
    );
    assert.deepEqual(
      setBefore.map(({ verified }) => verified),
      [true, true, false],
    );
    await client.ask("launch", { program: EXAMPLE });
    const changed = ((await client.event("breakpoint")).body as DebugProtocol.BreakpointEvent["body"]).breakpoint;
    assert.deepEqual([changed.id, changed.verified, changed.message], [setBefore[1]!.id, false, "There is no 'dada' in this scenario."]);
    const unbound = await set(
      client,
      { dataId: "data.truncate_cuont" },
      { dataId: "data.i_mmap" },
      { dataId: "viewer[0].rss", accessType: "read" },
      { dataId: "data.truncate_count" },
    );
    assert.match(unbound[0]!.message!, /Did you mean 'truncate_count'/);
    assert.match(unbound[1]!.message!, /name one of its fields/);
    assert.match(unbound[2]!.message!, /are not reported/);
    assert.equal(unbound[3]!.verified, true);
    await client.ask("configurationDone");
    assert.equal(what(await client.stopped()), "data.truncate_count 0 → 1");
  });
});

describe("queries about the past", () => {
  afterEach(closeAll);

  const evaluate = async (client: Client, expression: string, frameId?: number): Promise<DebugProtocol.EvaluateResponse["body"]> =>
    (await client.ask("evaluate", {
      expression,
      context: "repl",
      ...(frameId === undefined ? {} : { frameId }),
    })) as DebugProtocol.EvaluateResponse["body"];

  it("list every write to a data location, with its event", async () => {
    const { client, stop } = await debug(EXAMPLE, { functions: [{ name: "lockbreak", hitCondition: "== 4" }] });
    const [frame] = await client.stack(stop.threadId);
    const { result, variablesReference, indexedVariables } = await evaluate(client, "changes(details.restart_addr)", frame!.id);
    assert.deepEqual([result, indexedVariables], ["4 writes", 4]);
    const { variables } = (await client.ask("variables", { variablesReference })) as DebugProtocol.VariablesResponse["body"];
    assert.ok(
      variables.every(({ value }) => /^event \d+ · [\d.]+ [µm]s · shrink: 0x[0-9a-f]+ → 0x[0-9a-f]+$/.test(value)),
      JSON.stringify(variables),
    );
    assert.equal(variables.at(-1)!.value.split("→ ")[1], await client.watch("details.restart_addr", stop.threadId));
    assert.equal((await evaluate(client, "last_write(details.restart_addr)", frame!.id)).result, variables.at(-1)!.value);
    assert.equal(
      (await evaluate(client, "last_write(details.restart_addr).before - last_write(details.restart_addr).after < 0", frame!.id)).result,
      "1",
    );
    assert.match((await evaluate(client, "last_write(data.truncate_count)")).result, /^event \d+ · [\d.]+ µs · shrink: 0 → 1$/);
    assert.equal((await evaluate(client, "last_write(viewer[3].V.vm_truncate_count)")).result, "NULL");
    // A place that is no name's: the same in the past.
    await client.go("stepBack", { threadId: stop.threadId });
    await client.go("stepBack", { threadId: stop.threadId });
    const [before] = await client.stack(stop.threadId);
    assert.match((await evaluate(client, "changes(details.restart_addr)", before!.id)).result, /^[34] writes$/);
    assert.match(await client.refused("evaluate", { expression: "changes(1)" }), /calculated/);
    assert.match(await client.refused("evaluate", { expression: "changes()" }), /changes\(what\)/);
  });

  it("are not possible in conditions", async () => {
    const { client } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    const { breakpoints } = (await client.ask("setFunctionBreakpoints", {
      breakpoints: [{ name: "restart", condition: "last_write(data.i_size).event > 3" }],
    })) as DebugProtocol.SetFunctionBreakpointsResponse["body"];
    assert.match(breakpoints[0]!.message!, /a condition depends only on the current state/);
  });
});
