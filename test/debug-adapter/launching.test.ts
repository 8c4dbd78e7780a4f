// Launch attributes, restart, scenarios that change meanwhile, and progress of long operations.

import type { DebugProtocol } from "@vscode/debugprotocol";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { ExecutionPosition } from "../../src/debug-adapter/protocol/protocol.ts";
import type { ExploreDocument } from "../../src/cli/explore/document.ts";
import { CLI, type Client } from "./client.ts";
import { closeAll, connect, debug, ENDLESS, EXAMPLE, lineOf, scenario, stackOf, TWO_BREAKS } from "./support.ts";

async function position(client: Client): Promise<ExecutionPosition> {
  return (await client.event("lockbreak/moved")).body as ExecutionPosition;
}

function outputs(client: Client): string[] {
  return client.left("output").map(({ body }) => (body as DebugProtocol.OutputEvent["body"]).output);
}

describe("launch attributes", () => {
  afterEach(closeAll);

  it("stop at an event, a step or a time first", async () => {
    for (const [stopAt, holds] of [
      [412, ({ event }: ExecutionPosition) => event >= 412 && event < 420],
      ["event 412", ({ event }: ExecutionPosition) => event >= 412 && event < 420],
      ["step 6000", ({ step }: ExecutionPosition) => step === 6000],
      ["20us", ({ time }: ExecutionPosition) => time >= 20_000 && time < 30_000],
      ["time 20us", ({ time }: ExecutionPosition) => time >= 20_000 && time < 30_000],
    ] as const) {
      const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] }, { stopAt });
      assert.equal(stop.reason, "goto", String(stopAt));
      assert.ok(holds(await position(client)), String(stopAt));
    }
  });

  it("limit the run, add CPUs, and print tracepoints", async () => {
    const limited = await debug(EXAMPLE, {}, { limits: { time: "20us" } });
    assert.match(limited.stop.description!, /the limit of 0\.00002 s of model time was reached$/);
    const short = await debug(EXAMPLE, {}, { limits: { steps: 6000 } });
    assert.match(short.stop.description!, /the limit of 6000 steps was reached$/);
    const errors = short.client.left("output").filter(({ body }) => (body as DebugProtocol.OutputEvent["body"]).category === "stderr");
    assert.match(JSON.stringify(errors), /the limit of 6000 steps was reached/);
    const traced = await debug(EXAMPLE, {}, { trace: ["lockbreak", "restart"], cpus: 4 });
    const lines = outputs(traced.client).filter((text) => /^ *\d+ +[\d.]+ µs +CPU\d/.test(text));
    assert.equal(lines.length, 16);
    assert.match(lines[0]!, /CPU0 +shrink +drops data\.i_mmap_lock inside viewer\[0\]\.V/);
    assert.equal(await traced.client.watch("cpu(3).clock", traced.stop.threadId), "0 ns");
    const run = await connect();
    await run.launch({ program: EXAMPLE, noDebug: true, trace: true });
    await run.event("terminated");
    assert.ok(outputs(run).filter((text) => text.includes("calls truncate(data, 64K)")).length === 1);
  });

  it("replay a schedule that an exploration has found, in both directions", async () => {
    const race = path.resolve("examples/races/K1-boundary.vmscn");
    const { stdout } = spawnSync(process.execPath, [CLI, "explore", race, "--json"], { encoding: "utf8" });
    const { schedule } = (JSON.parse(stdout) as ExploreDocument).kernels[0]!.findings[0]!;
    const { client, stop } = await debug(race, { filters: ["bug", "lockbreak"] }, { schedule });
    const met = [stop];
    while (met.at(-1)!.reason === "lockbreak") met.push(await client.go("continue"));
    assert.match(met.at(-1)!.description!, /BUG truncated-mapped/);
    for (const one of met.slice(0, -1).reverse())
      assert.equal((await client.go("reverseContinue")).description!.split(" · ").at(-1), one.description!.split(" · ").at(-1));
    for (const [args, expected] of [
      [{ schedule: "lb1:vmtrunc4:a1" }, /The 'schedule' .* cannot be followed: a schedule looks like/],
      [{ schedule, kernel: "3.0" }, /it is one of kernel vmtrunc4, and 'kernel' says 3\.0/],
      [{ schedule, policy: "random" }, /'policy' .* must be left out where there is a schedule/],
      [{ schedule, limits: { time: "1s" } }, /'limits\.time' .* must be left out where there is a schedule/],
      [{ schedule, cpus: 8 }, /it is one of another scenario/],
    ] as const) {
      const other = await connect();
      await other.initialize();
      assert.match(await other.refused("launch", { program: race, ...args }), expected);
    }
    // To the failure, past all breakpoints; without the schedule no check fails.
    assert.match(
      (await debug(race, { filters: ["bug", "lockbreak"] }, { schedule, stopAt: "failure" })).stop.description!,
      /BUG truncated-mapped/,
    );
    assert.equal((await debug(race, {}, { stopAt: "failure" })).stop.reason, "end");
  });

  it("stop where a check fails first, past all breakpoints", async () => {
    const program = scenario(`${TWO_BREAKS}\ncheck always lockbreaks(data) < 1\n`);
    const { client, stop } = await debug(program, { functions: ["unmap_begin"] }, { stopAt: "failure" });
    assert.equal(stop.reason, "exception");
    assert.match(stop.description!, /check failed: always lockbreaks\(data\) < 1$/);
    assert.equal(await client.watch("lockbreaks(data)", stop.threadId), "1");
  });

  it("schedule tasks at random, the same for the same seed", async () => {
    const ends = async (args: object): Promise<string> => (await debug(EXAMPLE, {}, args)).stop.description!;
    for (const policy of ["random", "pct"]) {
      const all = await Promise.all([1, 1, 2, 3, 4].map((seed) => ends({ policy, seed })));
      assert.equal(all[0], all[1]);
      assert.ok(new Set(all).size > 1, all.join());
    }
  });

  it("that are invalid are refused with a way out", async () => {
    const cases: [object, RegExp][] = [
      [{ stopAt: "soon" }, /'stopAt' in the launch configuration must be the number of an event, or "event 412"/],
      [{ cpus: 0 }, /'cpus' .* must be a whole number from 1 to 64/],
      [{ cpus: 1 }, /Task 'reader' runs on CPU 1: 'cpus' .* must be at least 2/],
      [{ policy: "fair" }, /'policy' .* must be one of timed, random and pct/],
      [{ seed: -1 }, /'seed' .* must be a whole number from 0/],
      [{ limits: { steps: 0 } }, /'limits\.steps' .* must be a whole number of 1 or more/],
      [{ limits: { memory: "much" } }, /'limits\.memory' .* must be a size such as 512M/],
      [{ limits: { time: "10" } }, /'limits\.time' .* must be a time such as "10ms"/],
      [{ limits: { time: "1s" }, policy: "pct" }, /'limits\.time' .* must be left out where 'policy' is pct/],
      [{ limits: { speed: 1 } }, /'limits\.speed' .* must be one of memory, steps, time and pages/],
      [{ trace: ["lockbrake"] }, /'lockbrake' is none\. Did you mean 'lockbreak'\?/],
    ];
    for (const [args, expected] of cases) {
      const client = await connect();
      await client.initialize();
      assert.match(await client.refused("launch", { program: EXAMPLE, ...args }), expected);
    }
  });
});

describe("restart", () => {
  afterEach(closeAll);

  it("runs the scenario as it is now, with all breakpoints, also from the middle of a run", async () => {
    const file = scenario(TWO_BREAKS);
    const { client, stop } = await debug(file, { functions: ["unmap_begin"], lines: { [file]: [lineOf(file, "truncate(data, 0)")] } });
    await client.ask("setDataBreakpoints", { breakpoints: [{ dataId: "data.truncate_count" }] });
    assert.equal(stop.reason, "breakpoint");
    await client.go("continue");
    const before = await client.stack(stop.threadId);
    // A line more above everything.
    writeFileSync(file, `// Changed.\n${TWO_BREAKS.replace("256K", "128K")}`);
    client.left("breakpoint");
    const again = await client.go("restart", {});
    assert.equal(again.reason, "breakpoint");
    const moved = client.left("breakpoint").map(({ body }) => (body as DebugProtocol.BreakpointEvent["body"]).breakpoint.line);
    assert.deepEqual(moved, [lineOf(file, "truncate(data, 0)")]);
    assert.equal(await client.watch("data.i_size", again.threadId), "131072");
    assert.equal((await client.stack(again.threadId))[0]!.line, lineOf(file, "truncate(data, 0)"));
    assert.ok((await client.go("continue")).description!.endsWith("data.truncate_count 0 → 1"));
    assert.equal((await client.go("continue")).reason, "unmap_begin");
    assert.match(await client.refused("scopes", { frameId: before[0]!.id }), /gone/);
    // While it runs.
    writeFileSync(file, ENDLESS);
    await client.ask("setFunctionBreakpoints", { breakpoints: [] });
    await client.ask("setBreakpoints", { source: { path: file }, breakpoints: [] });
    await client.ask("restart", { arguments: { program: file } });
    const paused = await client.go("pause");
    assert.equal(paused.reason, "pause");
    await client.ask("continue", { threadId: paused.threadId });
    writeFileSync(file, TWO_BREAKS);
    assert.equal((await client.go("restart", {})).reason, "data breakpoint");
  });

  it("keeps the old run if the new scenario has mistakes", async () => {
    const file = scenario(TWO_BREAKS);
    const { client, stop } = await debug(file, { filters: ["lockbreak"] });
    writeFileSync(file, "file data size");
    assert.match(await client.refused("restart", {}), /line 1: /);
    assert.equal((await stackOf(client, stop.threadId)).at(-1), "truncate(data, 0)");
    assert.equal((await client.go("stepBack", { threadId: stop.threadId })).threadId, stop.threadId);
  });

  it("a scenario that has changed is reported, once", async () => {
    const file = scenario(TWO_BREAKS);
    const { client } = await debug(file, { filters: ["lockbreak"] });
    const check = async (args: object = {}): Promise<boolean> =>
      ((await client.ask("lockbreak/checkProgram", args)) as { changed: boolean }).changed;
    assert.equal(await check(), false);
    assert.equal(await check({ text: `${TWO_BREAKS}\n` }), true);
    writeFileSync(file, `${TWO_BREAKS}// more\n`);
    await client.ask("setBreakpoints", { source: { path: file }, breakpoints: [], sourceModified: true });
    await client.ask("setBreakpoints", { source: { path: file }, breakpoints: [], sourceModified: true });
    assert.equal(await check(), true);
    const messages = outputs(client).filter((text) =>
      text.includes("was changed: this session continues with the text that it was launched with"),
    );
    assert.equal(messages.length, 2);
    assert.ok(messages[0]!.startsWith(path.basename(file)));
  });
});

describe("a long operation", () => {
  afterEach(closeAll);

  /** A run of some hundred million steps. */
  const LONG = "file data size 4M\nprocess p { V = mmap(data) touch(V) }\ntask work in p on cpu 0 { repeat forever { touch(V) } }\n";

  async function start(): Promise<{ client: Client; threadId: number }> {
    const client = await connect();
    await client.initialize({ supportsProgressReporting: true });
    await client.ask("launch", { program: scenario(LONG), stopAt: "step 20000" });
    await client.ask("configurationDone");
    return { client, threadId: (await client.stopped()).threadId };
  }

  it("reports its progress, and can be cancelled", async () => {
    const { client } = await start();
    await client.ask("lockbreak/goto", { step: 900_000_000 });
    const { progressId, title, cancellable } = (await client.event("progressStart")).body as DebugProtocol.ProgressStartEvent["body"];
    assert.deepEqual([title, cancellable], ["Going to step 900000000", true]);
    const { percentage, message } = (await client.event("progressUpdate")).body as DebugProtocol.ProgressUpdateEvent["body"];
    assert.ok(percentage! >= 0 && percentage! < 100 && /^step [\d ]+ of 900 000 000$/.test(message!));
    await client.ask("cancel", { progressId });
    const stop = await client.stopped();
    assert.equal(stop.reason, "pause");
    assert.equal(((await client.event("progressEnd")).body as { progressId: string }).progressId, progressId);
  });

  it("that queries the past is cancelled by a request that moves the execution, or by the client", async () => {
    const { client, threadId } = await start();
    await client.ask("continue", { threadId });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await client.go("pause");
    const [refusal] = await Promise.all([
      client.refused("evaluate", { expression: "changes(p.rss)", context: "watch" }),
      client.go("next", { threadId }),
    ]);
    assert.match(refusal, /cancelled/);
    const cancel = async (): Promise<void> => {
      const { progressId } = (await client.event("progressStart")).body as DebugProtocol.ProgressStartEvent["body"];
      await client.ask("cancel", { progressId });
    };
    const [other] = await Promise.all([client.refused("evaluate", { expression: "changes(p.rss)", context: "watch" }), cancel()]);
    assert.match(other, /cancelled/);
  });
});

describe("modules", () => {
  afterEach(closeAll);

  it("are the files of the kernel that runs", async () => {
    const { client } = await debug(EXAMPLE, { filters: ["lockbreak"] }, { kernel: "2.6.9" });
    const { modules, totalModules } = (await client.ask("modules", {})) as DebugProtocol.ModulesResponse["body"];
    assert.equal(totalModules, modules.length);
    assert.ok(modules.some(({ id, version }) => id === "2.6.9/memory.ts" && version === "2.6.9"));
    assert.ok(
      modules.some(({ id, version }) => id === "common/truncate.ts" && version === "common") &&
        !modules.some(({ id }) => String(id) === "vmtrunc4/memory.ts"),
    );
    const part = (await client.ask("modules", { startModule: 1, moduleCount: 2 })) as DebugProtocol.ModulesResponse["body"];
    assert.deepEqual(part.modules, modules.slice(1, 3));
  });
});
