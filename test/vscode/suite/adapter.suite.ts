// The debug adapter between editor and worker: when the end of a worker is a fault.

import * as vscode from "vscode";
import { WorkerDebugAdapter, DebugAdapters } from "../../../src/extension/debug/debug-adapter.ts";
import type { AdapterWorker } from "../../../src/extension/host/extension-host.ts";
import { equal, ok } from "./assert.ts";

/** A worker whose messages and end the test controls. */
class FakeWorker implements AdapterWorker {
  terminated = 0;
  say: (message: object) => void = () => {};
  end: (reason: string) => void = () => {};
  post(): void {}
  onMessage(listener: (message: unknown) => void): void {
    this.say = listener;
  }
  onEnd(listener: (reason: string) => void): void {
    this.end = listener;
  }
  terminate(): void {
    this.terminated += 1;
    this.end("the debug adapter's worker ended with code 1");
  }
}

/** An adapter with a fake worker, the events that the editor has received, and the errors in the log. */
function startFake(): { worker: FakeWorker; adapter: WorkerDebugAdapter; events: string[]; errors: string[] } {
  const worker = new FakeWorker();
  const errors: string[] = [];
  const log = { error: (message: string) => errors.push(message) } as unknown as vscode.LogOutputChannel;
  const adapter = new WorkerDebugAdapter(worker, log, () => {});
  const events: string[] = [];
  adapter.onDidSendMessage((message) => events.push((message as { event?: string }).event ?? "answer"));
  return { worker, adapter, events, errors };
}

const ANSWER = { seq: 9, type: "response", request_seq: 8, command: "disconnect", success: true };

describe("the end of the adapter's worker", () => {
  it("is expected after disconnect, and when the editor wants it", () => {
    const { worker, adapter, events, errors } = startFake();
    worker.say(ANSWER);
    worker.end("the debug adapter's worker ended with code 0");
    adapter.dispose();
    equal([events, errors], [["answer"], []]);
    const unused = startFake();
    unused.adapter.dispose();
    equal([unused.events, unused.errors, unused.worker.terminated], [[], [], 1]);
  });

  it("is otherwise a fault that is reported once, and ends the session", () => {
    const { worker, events, errors } = startFake();
    worker.end("a test's");
    worker.end("the debug adapter's worker ended with code 1");
    equal([events, errors], [["output", "terminated"], ["a test's"]]);
    const failed = startFake();
    failed.worker.say({ type: "failed", reason: "uncaught error" });
    equal([failed.events, failed.errors], [["output", "terminated"], ["uncaught error"]]);
  });

  it("comes with that of the extension, even if it was not there yet", async () => {
    const worker = new FakeWorker();
    let started: (worker: AdapterWorker) => void = () => {};
    const startAdapterWorker = (): Promise<AdapterWorker> => new Promise((resolve) => (started = resolve));
    const host = { startAdapterWorker } as unknown as ConstructorParameters<typeof DebugAdapters>[1];
    const adapters = new DebugAdapters({} as vscode.ExtensionContext, host, {} as vscode.LogOutputChannel);
    const pending = adapters.start().then(
      () => undefined,
      (failure: unknown) => failure,
    );
    adapters.dispose();
    started(worker);
    ok((await pending) instanceof vscode.CancellationError, "the start was not cancelled");
    equal(worker.terminated, 1);
  });
});
