// Concurrent sessions: two processes, two connections to one process, a worker.

import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { Worker } from "node:worker_threads";
import { until } from "../waiting.mjs";
import { Client, CLI } from "./client.ts";
import { closeAll, connect, ENDLESS, EXAMPLE, scenario, stackOf, TWO_BREAKS } from "./support.ts";

interface Message {
  readonly type: string;
  readonly id?: number;
  readonly uri?: string;
  readonly event?: string;
  readonly command?: string;
  readonly success?: boolean;
  readonly body?: {
    readonly stackFrames?: readonly { readonly source: { readonly name: string; readonly sourceReference: number } }[];
    readonly content?: string;
  };
}

describe("two sessions at once", () => {
  let server: ChildProcess | undefined;
  afterEach(closeAll);
  afterEach(async () => {
    if (server === undefined) return;
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
    server = undefined;
  });

  /** Two sessions that step in turns do not disturb each other. */
  async function inTurns(one: Client, two: Client): Promise<void> {
    await one.launch({ program: EXAMPLE }, { filters: ["lockbreak"] });
    await two.launch({ program: scenario(TWO_BREAKS), kernel: "2.6.9" }, { functions: ["zap_page_range"] });
    const [first, second] = [await one.stopped(), await two.stopped()];
    for (let at = 0; at < 5; at++) {
      await Promise.all([one.go("next", { threadId: first.threadId }), two.go("next", { threadId: second.threadId })]);
      assert.equal((await stackOf(one, first.threadId)).at(-1), "truncate(data, 64K)");
      assert.equal((await stackOf(two, second.threadId)).at(-1), "truncate(data, 0)");
      assert.equal(await one.watch("data.truncate_count", first.threadId), "1");
      assert.equal(await two.watch("data.i_size", second.threadId), "0");
    }
    await Promise.all([one.go("stepBack", { threadId: first.threadId }), two.go("stepBack", { threadId: second.threadId })]);
  }

  it("work as two processes", async () => {
    await inTurns(await connect(), await connect());
  });

  it("work over one socket, while a third session runs", async () => {
    server = spawn(CLI, ["debug-adapter", "--port", "0"], { stdio: ["ignore", "ignore", "pipe"] });
    const [line] = (await once(server.stderr!, "data")) as [Buffer];
    const port = Number(/listening on 127\.0\.0\.1:(\d+)/.exec(String(line))![1]);
    const busy = await connect({ port });
    await busy.launch({ program: scenario(ENDLESS) });
    await inTurns(await connect({ port }), await connect({ port }));
    assert.equal((await busy.go("pause")).reason, "pause");
  });

  it("report why a port cannot be used", async () => {
    const child = spawn(CLI, ["debug-adapter", "--port", "70000"], { stdio: ["ignore", "ignore", "pipe"] });
    const [[line], [code]] = await Promise.all([once(child.stderr!, "data"), once(child, "exit")]);
    assert.match(String(line), /^lockbreak: error LB\d+: .*--port N/);
    assert.equal(code, 2);
  });
});

describe("the adapter in a worker", () => {
  /** Channels of the browser's worker: open ones would keep the tests' process from ending. */
  const channels: InstanceType<typeof MessageChannel>[] = [];
  afterEach(() => {
    for (const { port1 } of channels.splice(0)) port1.close();
  });

  it("reads files through the extension, and ends by itself", async () => {
    const worker = new Worker(path.join(path.dirname(CLI), "debug-adapter-worker.mjs"));
    const messages: Message[] = [];
    const seen: string[] = [];
    worker.on("message", (message: Message) => {
      if (message.type === "readFile") {
        seen.push(message.uri!);
        worker.postMessage({ type: "readFileResult", id: message.id, text: readFileSync(EXAMPLE, "utf8") });
      } else {
        messages.push(message);
      }
    });
    let seq = 0;
    const send = (command: string, args: object = {}): void =>
      worker.postMessage({ seq: (seq += 1), type: "request", command, arguments: args });
    const heard = async (found: (message: Message) => boolean): Promise<void> => {
      while (!messages.some(found)) await once(worker, "message");
    };
    send("initialize", { adapterID: "lockbreak" });
    send("launch", { program: EXAMPLE });
    send("setExceptionBreakpoints", { filters: ["lockbreak"] });
    send("configurationDone");
    await heard(({ event }) => event === "stopped");
    assert.deepEqual(seen, [`file://${EXAMPLE}`]);
    // A client that has no files of the kernel gets their text from the adapter.
    send("stackTrace", { threadId: 2 });
    await heard(({ command }) => command === "stackTrace");
    const { source } = messages.find(({ command }) => command === "stackTrace")!.body!.stackFrames![0]!;
    assert.equal(source.name, "vmtrunc4/memory.ts");
    send("source", { source, sourceReference: source.sourceReference });
    await heard(({ command }) => command === "source");
    assert.match(messages.find(({ command }) => command === "source")!.body!.content!, /unmap_mapping_range_vma/);
    const ended = once(worker, "exit");
    send("disconnect");
    await heard(({ command }) => command === "disconnect");
    assert.ok(messages.every(({ success }) => success !== false));
    assert.deepEqual(await ended, [0]);
  });

  it("fails a launch when the extension cannot read the file, and does not hang when there is never an answer", async () => {
    const worker = new Worker(path.join(path.dirname(CLI), "debug-adapter-worker.mjs"));
    const messages: Message[] = [];
    worker.on("message", (message: Message) => {
      messages.push(message);
      if (message.type === "readFile" && message.id === 1) worker.postMessage({ type: "readFileResult", id: 1, error: "it was deleted" });
    });
    const ended = once(worker, "exit");
    const send = (seq: number, command: string, args: object): void =>
      worker.postMessage({ seq, type: "request", command, arguments: args });
    send(1, "initialize", { adapterID: "lockbreak" });
    send(2, "launch", { program: "memfs:/a.vmscn" });
    send(3, "launch", { program: "memfs:/b.vmscn" });
    while (!messages.some(({ type, id }) => type === "readFile" && id === 2)) await once(worker, "message");
    send(4, "disconnect", {});
    assert.deepEqual(await ended, [0]);
    const errors = messages.filter(({ success }) => success === false) as (Message & { message: string })[];
    assert.deepEqual(
      errors.map(({ message }) => message),
      [
        "The scenario 'memfs:/a.vmscn' cannot be read: it was deleted.",
        "The scenario 'memfs:/b.vmscn' cannot be read: the session has ended.",
      ],
    );
  });

  it("answers a request that is cancelled in the queue with an error, and continues", async () => {
    const worker = new Worker(path.join(path.dirname(CLI), "debug-adapter-worker.mjs"));
    const answers: (Message & { request_seq?: number; message?: string })[] = [];
    worker.on("message", (message: Message) => {
      if (message.type === "response") answers.push(message);
      if (message.type !== "readFile") return;
      // The third request waits behind the second, which is being handled.
      send(3, "threads", {});
      send(4, "cancel", { requestId: 3 });
      send(5, "cancel", { requestId: 2 });
      worker.postMessage({ type: "readFileResult", id: message.id, text: TWO_BREAKS });
    });
    const ended = once(worker, "exit");
    const send = (seq: number, command: string, args: object): void =>
      worker.postMessage({ seq, type: "request", command, arguments: args });
    send(1, "initialize", { adapterID: "lockbreak" });
    send(2, "setBreakpoints", { source: { path: "memfs:/a.vmscn" }, breakpoints: [{ line: 7 }] });
    while (!answers.some(({ request_seq }) => request_seq === 2)) await once(worker, "message");
    send(6, "threads", {});
    send(7, "disconnect", {});
    assert.deepEqual(await ended, [0]);
    const said = answers.map(({ request_seq, success, message }) => [request_seq, success, message]);
    assert.deepEqual(said, [
      [1, true, undefined],
      [4, true, undefined],
      [5, true, undefined],
      [2, true, undefined],
      [3, false, "cancelled"],
      [6, true, undefined],
      [7, true, undefined],
    ]);
  });

  it("needs nothing of Node in a browser", async () => {
    const messages: Message[] = [];
    let arrived: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const scope: Record<string, unknown> & { onmessage?: (event: { data: object }) => void } = {
      // What every browser's worker has.
      ...{ performance, console, URL, TextEncoder, TextDecoder, queueMicrotask },
      MessageChannel: function () {
        const channel = new MessageChannel();
        channels.push(channel);
        return channel;
      },
      close: arrived,
      postMessage: (message: Message) => void messages.push(structuredClone(message)),
    };
    const worker = readFileSync(path.join(path.dirname(CLI), "debug-adapter-worker-web.js"), "utf8");
    vm.runInContext(worker, vm.createContext(scope));
    let seq = 0;
    const send = (command: string, args: object = {}): void =>
      scope.onmessage!({ data: { seq: (seq += 1), type: "request", command, arguments: args } });
    send("initialize", { adapterID: "lockbreak" });
    send("launch", { program: "memfs:/a.vmscn", text: readFileSync(EXAMPLE, "utf8") });
    send("setExceptionBreakpoints", { filters: ["lockbreak"] });
    send("configurationDone");
    await until("the stop", () => messages.some(({ event }) => event === "stopped"));
    send("disconnect");
    await closed;
    assert.ok(messages.every(({ success }) => success !== false));
  });
});
