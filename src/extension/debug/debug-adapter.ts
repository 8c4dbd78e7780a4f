// The debug adapter as the editor sees it: it forwards messages to a worker. The worker requests nothing but the text of files.

import { CancellationError, DebugAdapterInlineImplementation, EventEmitter, Uri, debug } from "vscode";
import type { DebugAdapter, DebugProtocolMessage, Disposable, ExtensionContext, LogOutputChannel } from "vscode";
import { INVALID_SCENARIO_ERROR, type WorkerMessage } from "../../debug-adapter/protocol/protocol.ts";
import type { AdapterWorker, ExtensionHost } from "../host/extension-host.ts";
import { DEBUG_TYPE } from "../host/configuration.ts";
import { readText } from "../host/scenarios.ts";

/** The fields of a message that are read here: of the worker's own messages, and of the Debug Adapter Protocol. */
type Message =
  | WorkerMessage
  | { readonly type: "event" }
  | { readonly type: "response"; readonly command: string; readonly body?: { readonly error?: { readonly id: number } } };

/** One worker and the messages between it and the editor. Disposing of it terminates the worker. */
export class WorkerDebugAdapter implements DebugAdapter {
  private readonly didSendMessage = new EventEmitter<DebugProtocolMessage>();
  readonly onDidSendMessage = this.didSendMessage.event;
  /** From now on the end of the worker is no fault: the session has ended, or the fault has been reported. */
  private ended = false;

  constructor(
    private readonly worker: AdapterWorker,
    private readonly log: LogOutputChannel,
    private readonly onDispose: (adapter: WorkerDebugAdapter) => void,
  ) {
    worker.onMessage((message) => this.forward(message as Message));
    worker.onEnd((reason) => this.fail(reason));
  }

  handleMessage(message: DebugProtocolMessage): void {
    this.worker.post(message);
  }

  dispose(): void {
    this.ended = true;
    this.worker.terminate();
    this.didSendMessage.dispose();
    this.onDispose(this);
  }

  private forward(message: Message): void {
    if (message.type === "readFile") return void this.answerReadFile(message.id, message.uri);
    if (message.type === "failed") return this.fail(message.reason);
    // The worker ends by itself after this answer, which may be before the editor disposes of this adapter.
    if (message.type === "response" && message.command === "disconnect") this.ended = true;
    this.didSendMessage.fire(addProblemsLink(message) as DebugProtocolMessage);
  }

  private async answerReadFile(id: number, uri: string): Promise<void> {
    try {
      this.worker.post({ type: "readFileResult", id, text: await readText(Uri.parse(uri)) });
    } catch (error) {
      this.worker.post({ type: "readFileResult", id, error: error instanceof Error ? error.message : String(error) });
    }
  }

  /** The worker has ended, which is a fault of the extension: reports it in the debug console and the log, and ends the session. */
  private fail(reason: string): void {
    if (this.ended) return;
    this.ended = true;
    this.log.error(reason);
    const output = `Lockbreak's debug adapter has failed. See the Lockbreak output channel for details.\n${reason}\n`;
    this.sendEvent("output", { category: "stderr", output });
    this.sendEvent("terminated", {});
  }

  private sendEvent(event: string, body: object): void {
    this.didSendMessage.fire({ type: "event", seq: 0, event, body } as DebugProtocolMessage);
  }
}

/** Adds a button that shows the mistakes to the message that a scenario has some: only the extension knows the editor's command. */
function addProblemsLink(message: Message): object {
  if (message.type !== "response" || message.body?.error?.id !== INVALID_SCENARIO_ERROR) return message;
  return {
    ...message,
    body: { error: { ...message.body.error, url: "command:workbench.actions.view.problems", urlLabel: "Show Problems" } },
  };
}

/** Starts debug adapters, and ends those still running when disposed of. */
export class DebugAdapters implements Disposable {
  private readonly adapters = new Set<WorkerDebugAdapter>();
  private disposed = false;

  constructor(
    private readonly context: ExtensionContext,
    private readonly host: ExtensionHost,
    private readonly log: LogOutputChannel,
  ) {}

  async start(): Promise<WorkerDebugAdapter> {
    const worker = await this.host.startAdapterWorker(this.context);
    if (this.disposed) {
      worker.terminate();
      throw new CancellationError();
    }
    const adapter = new WorkerDebugAdapter(worker, this.log, (ended) => this.adapters.delete(ended));
    this.adapters.add(adapter);
    return adapter;
  }

  register(): Disposable {
    return debug.registerDebugAdapterDescriptorFactory(DEBUG_TYPE, {
      createDebugAdapterDescriptor: async () => new DebugAdapterInlineImplementation(await this.start()),
    });
  }

  dispose(): void {
    this.disposed = true;
    for (const adapter of this.adapters) adapter.dispose();
  }
}
