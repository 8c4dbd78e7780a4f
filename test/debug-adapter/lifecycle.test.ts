// The life of a session: every order of requests that clients use, and requests that are wrong.

import type { DebugProtocol } from "@vscode/debugprotocol";
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { CLI, Client } from "./client.ts";
import { closeAll, connect, debug, ENDLESS, EXAMPLE, kernel, lineOf, scenario, stackOf, TWO_BREAKS } from "./support.ts";

const STACK = [
  "unmap_mapping_range_vma",
  "unmap_mapping_range_tree",
  "unmap_mapping_vmas",
  "unmap_mapping_range",
  "vmtruncate",
  "do_truncate",
  "truncate(data, 64K)",
];

/** Requests of a client. Each is sent after the response to the one before; with `&` at once. */
const REQUESTS: Readonly<Record<string, (client: Client) => Promise<unknown>>> = {
  initialize: (client) => client.initialize(),
  lines: (client) => client.ask("setBreakpoints", { source: { path: kernel("vmtrunc4/memory.ts") }, breakpoints: [] }),
  functions: (client) => client.ask("setFunctionBreakpoints", { breakpoints: [{ name: "lockbreak" }] }),
  filters: (client) => client.ask("setExceptionBreakpoints", { filters: ["lockbreak"] }),
  launch: (client) => client.ask("launch", { program: EXAMPLE }),
  done: (client) => client.ask("configurationDone"),
  continue: (client) => client.ask("continue", { threadId: 1 }),
  threads: (client) => client.ask("threads"),
};

async function send(client: Client, order: string): Promise<void> {
  const sent: Promise<unknown>[] = [];
  for (const word of order.split(" ")) {
    const answer = REQUESTS[word.replace("&", "")]!(client);
    sent.push(answer);
    if (!word.endsWith("&")) await answer;
  }
  await Promise.all(sent);
}

describe("a debug session", () => {
  afterEach(closeAll);

  for (const order of [
    "initialize lines filters launch done",
    "initialize launch lines filters done",
    "initialize launch& lines& filters& done&",
    "initialize lines filters done launch",
    "initialize& filters& launch& done&",
    "initialize filters launch continue",
    "initialize threads filters launch threads done",
    "initialize functions launch done",
  ]) {
    it(`stops at the first lockbreak after ${order}`, async () => {
      const client = await connect();
      await send(client, order);
      const stop = await client.stopped();
      assert.equal(stop.reason, "lockbreak");
      assert.deepEqual(await stackOf(client, stop.threadId), STACK);
    });
  }

  it("sends initialized after the response, and answers unsupported requests with an error", async () => {
    const client = await connect();
    assert.match(await client.refused("launch", {}), /There is no scenario to run/);
    await client.initialize();
    await client.event("initialized");
    const order = client.messages.map((message) =>
      "command" in message && message.type === "response" ? String(message.command) : "event" in message ? String(message.event) : "",
    );
    assert.ok(order.indexOf("initialize") < order.indexOf("initialized"));
    assert.match(await client.refused("initialize", { adapterID: "lockbreak" }), /initialized already/);
    assert.match(
      await client.refused("disassemble", { memoryReference: "0", instructionCount: 1 }),
      /does not support the request 'disassemble'/,
    );
    assert.match(await client.refused("attach", { __restart: true }), /does not support the request 'attach'/);
    assert.match(await client.refused("toString"), /does not support/);
  });

  const prefixes = ["initialize", "initialize launch", "initialize filters launch", "initialize launch done", "initialize launch& done&"];
  for (const prefix of ["", ...prefixes]) {
    it(`leaves nothing behind when it is disconnected after '${prefix}'`, async () => {
      const client = await connect();
      if (prefix !== "") await send(client, prefix);
      assert.equal(await client.close(), 0);
    });
  }

  it("leaves nothing behind when it is disconnected in mid-run, or its pipe is closed", async () => {
    const client = await connect();
    await client.launch({ program: scenario(ENDLESS) });
    assert.equal(await client.close(), 0);
    const lost = await connect();
    await lost.launch({ program: scenario(ENDLESS) });
    lost.hangUp();
    assert.equal(await lost.exited(), 0);
  });

  it("refuses a second launch, and continues", async () => {
    const { client, stop } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    assert.match(await client.refused("launch", { program: EXAMPLE }), /runs a scenario already/);
    assert.deepEqual(await stackOf(client, stop.threadId), STACK);
  });

  it("stops at the end, can go back from there, and ends at Continue", async () => {
    const { client, stop } = await debug(scenario(TWO_BREAKS));
    assert.equal(stop.reason, "end");
    assert.match(stop.description!, /^event (\d+)\/\1 · [\d.]+ us · end of the run$/);
    assert.deepEqual(await stackOf(client, stop.threadId), ["shrink has ended"]);
    assert.equal(await client.watch("lockbreaks(data)", stop.threadId), "2");
    const back = await client.go("stepBack", { threadId: stop.threadId });
    assert.match(back.description!, /^◀ event/);
    assert.equal((await client.go("continue")).reason, "end");
    assert.equal((await client.go("next", { threadId: stop.threadId })).reason, "end");
    await client.ask("continue", { threadId: stop.threadId });
    assert.equal(((await client.event("exited")).body as { exitCode: number }).exitCode, 0);
    await client.event("terminated");
    assert.equal(client.left("output").filter(({ body }) => (body as { category: string }).category === "console").length, 1);
  });

  it("does not stop at all without debugging", async () => {
    const client = await connect();
    await client.launch({ program: scenario(TWO_BREAKS), noDebug: true }, { filters: ["lockbreak", "bug"], functions: ["vmtruncate"] });
    assert.equal(((await client.event("exited")).body as { exitCode: number }).exitCode, 0);
    await client.event("terminated");
    assert.deepEqual(client.left("stopped"), []);
  });

  it("terminates on request", async () => {
    const { client } = await debug(EXAMPLE, { filters: ["lockbreak"] });
    await client.ask("terminate");
    await client.event("terminated");
    assert.match(await client.refused("next", { threadId: 2 }), /has ended/);
  });

  it("reports why a scenario cannot be run", async () => {
    const client = await connect();
    await client.initialize();
    const refused = (args: object): Promise<string> => client.refused("launch", args);
    assert.match(await refused({ program: "" }), /There is no scenario to run: set 'program'/);
    assert.match(await refused({ program: "/no/such.vmscn" }), /cannot be read: there is no such file/);
    assert.match(await refused({ program: process.cwd() }), /cannot be read: it is a directory/);
    assert.match(await refused({ program: CLI }), /is not a scenario/);
    assert.match(await refused({ program: EXAMPLE, kernel: "vmtrunc44" }), /There is no kernel 'vmtrunc44'. Did you mean 'vmtrunc4'\?/);
    assert.match(await refused({ program: EXAMPLE, stopOnEntry: "yes" }), /'stopOnEntry' .* must be true or false/);
    assert.match(await refused({ program: EXAMPLE, limits: { memory: "much" } }), /'limits\.memory' .* must be a size/);
    assert.match(await refused({ program: EXAMPLE, limits: { memory: "1K" } }), /would need about .* raise the limit/);
    const wrong = scenario("file data size 1M\ntask t in nobody on cpu 0 { }\ntask u in nobody on cpu 7 { }\n");
    assert.match(await refused({ program: wrong }), /^scenario-\d+\.vmscn, line 2: .*There (is|are) .* more mistakes? in this scenario\.$/);
    const errors = client.messages.filter(
      (message) => message.type === "response" && "success" in message && message.success === false,
    ) as unknown as { body: { error: { showUser: boolean; id: number } } }[];
    assert.ok(errors.every(({ body }) => body.error.showUser && body.error.id > 1000));
    // After all these errors, the session can still launch.
    writeFileSync(wrong, TWO_BREAKS);
    await client.ask("launch", { program: wrong });
  });

  it("continues when the scenario's file is deleted, and refuses a launch that needs it", async () => {
    const file = scenario(TWO_BREAKS);
    const { client, stop } = await debug(file, { filters: ["lockbreak"] });
    rmSync(file);
    const { breakpoints } = (await client.ask("setBreakpoints", {
      source: { path: file },
      breakpoints: [{ line: 7 }],
    })) as DebugProtocol.SetBreakpointsResponse["body"];
    assert.deepEqual(
      breakpoints.map(({ verified }) => verified),
      [true],
    );
    assert.equal((await stackOf(client, stop.threadId)).at(-1), "truncate(data, 0)");
    await client.go("stepBack", { threadId: stop.threadId });
    assert.equal((await client.go("reverseContinue")).reason, "breakpoint");
    const second = await connect();
    await second.initialize();
    assert.match(await second.refused("launch", { program: file }), /cannot be read: there is no such file/);
  });

  it("handles a pause while a check takes long, in the middle of a run", async () => {
    const slow = `file data size 256K
process p * 300 { V = mmap(data) touch(V) }
task t in p[0] on cpu 0 { repeat forever { compute(1us) munmap(V[0 .. 4K]) } }
check always mapped(data) >= 0
check always rss(p[0]) + mapped(data, beyond: 1M) >= 0
`;
    const { client } = await debug(scenario(slow), {}, { stopOnEntry: true });
    await client.ask("continue", { threadId: 1 });
    for (let at = 0; at < 3; at++) await client.ask("threads");
    assert.equal((await client.go("pause")).reason, "pause");
  });

  it("stops where a limit ends the run, names the limit, and goes back from there", async () => {
    const { client, stop } = await debug(
      scenario("file data size 64K\nprocess p { V = mmap(data) }\ntask t in p on cpu 0 { repeat forever { sleep(1s) } }\n"),
    );
    assert.match(stop.description!, /the limit of 3600 s of model time was reached/);
    assert.match((await client.go("stepBack", { threadId: stop.threadId })).description!, /^◀ event/);
    await client.go("continue");
    await client.ask("continue", { threadId: stop.threadId });
    assert.equal(((await client.event("exited")).body as { exitCode: number }).exitCode, 3);
  });

  it("runs the text of an unsaved document under its URI", async () => {
    const { client, stop } = await debug("untitled:Untitled-1", { lines: { "untitled:Untitled-1": [7] } }, { text: TWO_BREAKS });
    assert.equal(stop.reason, "breakpoint");
    const [frame] = await client.stack(stop.threadId);
    assert.equal(frame!.source!.path, "untitled:Untitled-1");
    assert.equal(frame!.name, "truncate(data, 0)");
  });

  it("reports kernel sources below the client's base, and the program in the client's spelling", async () => {
    const { client, stop } = await debug(
      `file://${EXAMPLE}`,
      { filters: ["lockbreak"], lines: { "lockbreak-kernel:/vmtrunc4/memory.ts": [] } },
      { kernelSources: "lockbreak-kernel:/" },
    );
    const stack = await client.stack(stop.threadId);
    assert.equal(stack[0]!.source!.path, "lockbreak-kernel:/vmtrunc4/memory.ts");
    assert.equal(stack[4]!.source!.path, "lockbreak-kernel:/common/truncate.ts");
    assert.equal(stack.at(-1)!.source!.path, `file://${EXAMPLE}`);
    assert.equal(stack.at(-1)!.line, lineOf(EXAMPLE, "truncate(data, 64K)"));
  });
});
