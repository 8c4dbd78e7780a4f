// Whole sessions with the built server: as a process over standard input and output, and as a web worker.

import assert from "node:assert/strict";
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { MessageChannel } from "node:worker_threads";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter, type MessageConnection } from "vscode-jsonrpc/node.js";
import type { CompletionList, Diagnostic, Hover, InitializeResult, PublishDiagnosticsParams } from "vscode-languageserver";

const SERVER = "dist/language-server.cjs";
const uri = "untitled:Untitled-1";
const TEXT = "file data size 64M\nprocess p {\n  V = mmap(dta)\n  touch(V)\n}\n";

/** What the tests need of a connection. */
type Client = Pick<MessageConnection, "sendRequest" | "sendNotification" | "onNotification">;

class Session {
  private published: PublishDiagnosticsParams[] = [];
  private arrived = () => {};

  constructor(private readonly client: Client) {
    client.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
      this.published.push(params);
      this.arrived();
    });
  }

  async initialize(): Promise<InitializeResult> {
    const result = await this.client.sendRequest<InitializeResult>("initialize", { processId: null, rootUri: null, capabilities: {} });
    await this.client.sendNotification("initialized", {});
    return result;
  }

  /** Sends a notification and waits for the diagnostics that it brings about. */
  async diagnosticsAfter(method: string, params: object): Promise<Diagnostic[]> {
    this.published = [];
    const next = new Promise<void>((resolve) => (this.arrived = resolve));
    await this.client.sendNotification(method, params);
    await next;
    assert.equal(this.published[0]!.uri, uri);
    return this.published[0]!.diagnostics;
  }

  ask<T>(method: string, line: number, character: number): Promise<T> {
    return this.client.sendRequest<T>(method, { textDocument: { uri }, position: { line, character } });
  }
}

/** Opens, asks, mends and closes a document. */
async function story(session: Session): Promise<void> {
  const { capabilities } = await session.initialize();
  assert.ok(
    capabilities.hoverProvider &&
      capabilities.completionProvider &&
      capabilities.documentSymbolProvider &&
      capabilities.foldingRangeProvider,
  );
  assert.ok(
    capabilities.codeActionProvider &&
      capabilities.signatureHelpProvider &&
      !capabilities.renameProvider &&
      !capabilities.referencesProvider,
  );

  const found = await session.diagnosticsAfter("textDocument/didOpen", {
    textDocument: { uri, languageId: "vmscn", version: 1, text: TEXT },
  });
  assert.deepEqual(
    found.map(({ code, range }) => [code, range.start.line, range.start.character]),
    [["VMSCN030", 2, 11]],
  );
  const limited = await session.diagnosticsAfter("workspace/didChangeConfiguration", {
    settings: { lockbreak: { limits: { memory: "1K" } } },
  });
  assert.deepEqual(
    limited.map(({ code }) => code),
    ["VMSCN030"],
    "the memory of a scenario with errors is not estimated",
  );
  const list = await session.ask<CompletionList>("textDocument/completion", 3, 8);
  assert.ok(list.items.some((item) => item.label === "V"));
  const shown = await session.ask<Hover>("textDocument/hover", 0, 16);
  assert.match((shown.contents as { value: string }).value, /16384 pages/);

  const range = { start: { line: 2, character: 11 }, end: { line: 2, character: 14 } };
  assert.deepEqual(
    await session
      .diagnosticsAfter("textDocument/didChange", { textDocument: { uri, version: 2 }, contentChanges: [{ range, text: "data" }] })
      .then((all) => all.map(({ code }) => code)),
    ["VMSCN077"],
  );
  assert.deepEqual(
    await session.diagnosticsAfter("workspace/didChangeConfiguration", { settings: { lockbreak: { limits: { memory: "4G" } } } }),
    [],
  );
  await session.diagnosticsAfter("textDocument/didChange", { textDocument: { uri, version: 3 }, contentChanges: [{ text: TEXT }] });
  assert.deepEqual(await session.diagnosticsAfter("textDocument/didClose", { textDocument: { uri } }), []);
}

function start(...args: string[]): {
  readonly server: ChildProcessWithoutNullStreams;
  readonly ended: Promise<number | null>;
  readonly errors: () => string;
} {
  const server = spawn(process.execPath, [SERVER, ...args]);
  let errors = "";
  server.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  return { server, ended: new Promise((resolve) => server.on("close", resolve)), errors: () => errors };
}

describe("language server: sessions", () => {
  it("serves over standard input and output, and ends with the session", async () => {
    const { server, ended, errors } = start("--stdio", "--clientProcessId=" + process.pid);
    const client = createMessageConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
    client.listen();
    try {
      await story(new Session(client));
      await client.sendRequest("shutdown");
      await client.sendNotification("exit");
      assert.equal(await ended, 0);
      assert.equal(errors(), "");
    } finally {
      client.dispose();
      server.kill();
    }
  });

  it("ends when its editor goes away", async () => {
    const { server, ended } = start("--stdio");
    server.stdin.end();
    assert.equal(await ended, 1);
  });

  it("reports usage errors in one line", async () => {
    for (const [args, about] of [
      [[], "needs a transport"],
      [["--stdoi"], "has no option '--stdoi'"],
      [["--node-ipc"], "no process to talk to"],
    ] as const) {
      const { ended, errors } = start(...args);
      assert.equal(await ended, 2);
      assert.match(errors(), new RegExp(`^lockbreak: error LB061: [^\n]*${about}[^\n]*: write --stdio\\.\n$`));
    }
  });

  it("serves as a web worker", async () => {
    const { client, end } = webWorker();
    try {
      await story(new Session(client));
    } finally {
      end();
    }
  });
});

/** Runs the web bundle where there is little but a worker's global names; `self` is one end of a channel. */
function webWorker(): { readonly client: Client; end(): void } {
  interface Message {
    readonly id?: number;
    readonly method?: string;
    readonly params?: never;
    readonly result?: never;
  }
  const { port1: self, port2: port } = new MessageChannel();
  const context = createContext({ self, console, performance, setTimeout, clearTimeout, TextEncoder, TextDecoder, URL });
  runInContext(readFileSync("dist/language-server-web.js", "utf8"), context);

  const answers = new Map<number, (result: never) => void>();
  const listeners = new Map<string, (params: never) => void>();
  port.on("message", ({ id, method, params, result }: Message) => {
    if (method !== undefined) listeners.get(method)?.(params!);
    else answers.get(id!)?.(result!);
  });
  let last = 0;
  const client = {
    sendRequest: (method: string, params: object) =>
      new Promise((resolve) => {
        answers.set(++last, resolve);
        port.postMessage({ jsonrpc: "2.0", id: last, method, params });
      }),
    sendNotification: (method: string, params: object) => Promise.resolve(port.postMessage({ jsonrpc: "2.0", method, params })),
    onNotification: (method: string, listener: (params: never) => void) => void listeners.set(method, listener),
  };
  return { client: client as unknown as Client, end: () => port.close() };
}
