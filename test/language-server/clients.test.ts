// Messages as other clients send them, as raw JSON-RPC over standard input and output.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { StreamMessageReader, StreamMessageWriter, type Message } from "vscode-jsonrpc/node.js";

interface Received {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly version?: number };
  readonly result?: { readonly serverInfo?: { readonly name: string; readonly version: string } } | null;
  readonly error?: { readonly code: number; readonly message: string };
}

/** What eglot 1.9 announces: it lets servers register nothing. */
const EGLOT = { workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: false } }, textDocument: {} };
const uri = "untitled:Untitled-1";
const opened = (version: number) => ({ textDocument: { uri, languageId: "vmscn", version, text: "file data size 64M\n" } });

class RawClient {
  private readonly server = spawn(process.execPath, ["dist/language-server.cjs", "--stdio"]);
  private readonly writer = new StreamMessageWriter(this.server.stdin);
  private readonly waiting = new Set<{
    readonly isWanted: (message: Received) => boolean;
    readonly resolve: (message: Received) => void;
  }>();
  readonly received: Received[] = [];
  readonly ended = new Promise<number | null>((resolve) => this.server.on("close", resolve));
  private last = 0;

  constructor() {
    new StreamMessageReader(this.server.stdout).listen((message) => {
      this.received.push(message as Received);
      for (const wait of this.waiting) {
        if (wait.isWanted(message as Received)) wait.resolve(message as Received);
      }
    });
  }

  next(isWanted: (message: Received) => boolean): Promise<Received> {
    return new Promise((resolve) => this.waiting.add({ isWanted, resolve }));
  }

  async ask(method: string, params?: unknown): Promise<Received> {
    const id = ++this.last;
    const answer = this.next((message) => message.id === id && message.method === undefined);
    await this.write({ id, method, params });
    return answer;
  }

  notify(method: string, params?: unknown): Promise<void> {
    return this.write({ method, params });
  }

  async diagnosticsAfter(method: string, params: unknown): Promise<Received> {
    const published = this.next((message) => message.method === "textDocument/publishDiagnostics");
    await this.notify(method, params);
    return published;
  }

  async end(): Promise<number | null> {
    await this.notify("exit");
    return this.ended;
  }

  private write(message: object): Promise<void> {
    return this.writer.write({ jsonrpc: "2.0", ...message } as Message);
  }
}

async function initialized(capabilities: object): Promise<RawClient> {
  const client = new RawClient();
  await client.ask("initialize", { processId: null, rootUri: null, capabilities });
  await client.notify("initialized", {});
  return client;
}

describe("language server: other clients", () => {
  it("registers nothing with a client that does not let it", async () => {
    for (const capabilities of [EGLOT, { workspace: { configuration: true } }, {}]) {
      const client = await initialized(capabilities);
      await client.diagnosticsAfter("textDocument/didOpen", opened(1));
      assert.deepEqual(
        client.received.filter(({ method }) => method === "client/registerCapability"),
        [],
      );
      await client.end();
    }
    const permissive = new RawClient();
    const registered = permissive.next(({ method }) => method === "client/registerCapability");
    await permissive.ask("initialize", {
      capabilities: { workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } } },
    });
    await permissive.notify("initialized", {});
    await registered;
    await permissive.end();
  });

  it("says who it is, and refuses what comes at the wrong time", async () => {
    const client = new RawClient();
    const hover = { textDocument: { uri }, position: { line: 0, character: 0 } };
    assert.equal((await client.ask("textDocument/hover", hover)).error?.code, -32002);
    const { result } = await client.ask("initialize", { processId: null, capabilities: {} });
    assert.equal(result?.serverInfo?.name, "Lockbreak");
    assert.match(result?.serverInfo?.version ?? "", /^\d+\.\d+\.\d+/);
    assert.equal((await client.ask("initialize", { processId: null, capabilities: {} })).error?.code, -32600);
    assert.equal((await client.ask("shutdown", null)).result, null);
    assert.equal((await client.ask("textDocument/hover", hover)).error?.code, -32600);
    assert.equal(await client.end(), 0);
    assert.equal(await (await initialized({})).end(), 1);
  });

  it("publishes diagnostics with the version of the document", async () => {
    const client = await initialized({});
    assert.equal((await client.diagnosticsAfter("textDocument/didOpen", opened(7))).params?.version, 7);
    const change = { textDocument: { uri, version: 9 }, contentChanges: [{ range: null, rangeLength: null, text: "file data\n" }] };
    assert.equal((await client.diagnosticsAfter("textDocument/didChange", change)).params?.version, 9);
    const closed = await client.diagnosticsAfter("textDocument/didClose", { textDocument: { uri } });
    assert.equal(closed.params?.version, undefined);
    await client.end();
  });

  it("says what a malformed request lacks, and goes on", async () => {
    const client = await initialized({});
    await client.notify("textDocument/didOpen", { textDocument: { uri: null } });
    await client.diagnosticsAfter("textDocument/didOpen", opened(1));
    const place = { textDocument: { uri }, position: null };
    for (const [params, lack] of [
      [null, "has no parameters"],
      [{}, "has no 'textDocument.uri'"],
      [place, "has no 'position' with a 'line' and a 'character'"],
    ] as const) {
      const { error } = await client.ask("textDocument/hover", params);
      assert.deepEqual([error?.code, error?.message], [-32602, `'textDocument/hover' ${lack}.`]);
    }
    assert.equal(
      (await client.ask("textDocument/hover", { ...place, position: { line: 0, character: 16 }, workDoneToken: null })).error,
      undefined,
    );
    await client.end();
  });
});
