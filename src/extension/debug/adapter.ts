// The debug adapter as the editor sees it: a pipe to a worker. The worker asks back only for the text of files.

import { CancellationError, DebugAdapterInlineImplementation, EventEmitter, Uri, debug } from "vscode";
import type { DebugAdapter, DebugProtocolMessage, Disposable, ExtensionContext, LogOutputChannel } from "vscode";
import { MISTAKES, type WorkerMessage } from "../../debug-adapter/protocol/protocol.ts";
import type { AdapterWorker, Host } from "../host/host.ts";
import { DEBUG_TYPE } from "../host/configuration.ts";
import { readText } from "../host/scenarios.ts";

/** As much of a message as is looked at here: of the worker's own, or of the debug adapter protocol. */
type Message = WorkerMessage | { readonly type: "event" } | { readonly type: "response"; readonly command: string; readonly body?: { readonly error?: { readonly id: number } } };

/** One worker, and what goes to and fro. Disposing of it ends the worker. */
export class AdapterPipe implements DebugAdapter {
  private readonly sent = new EventEmitter<DebugProtocolMessage>();
  readonly onDidSendMessage = this.sent.event;
  /** That the worker ends is no fault any more: the session is over, or the fault has been told. */
  private over = false;

  constructor(
    private readonly worker: AdapterWorker,
    private readonly log: LogOutputChannel,
    private readonly onDispose: (pipe: AdapterPipe) => void,
  ) {
    worker.onMessage((message) => this.pass(message as Message));
    worker.onEnd((reason) => this.fail(reason));
  }

  handleMessage(message: DebugProtocolMessage): void {
    this.worker.post(message);
  }

  dispose(): void {
    this.over = true;
    this.worker.terminate();
    this.sent.dispose();
    this.onDispose(this);
  }

  private pass(message: Message): void {
    if (message.type === "readFile") return void this.answer(message.id, message.uri);
    if (message.type === "failed") return this.fail(message.reason);
    // The worker ends by itself after this answer, which may be before the editor disposes of us.
    if (message.type === "response" && message.command === "disconnect") this.over = true;
    this.sent.fire(offerProblems(message) as DebugProtocolMessage);
  }

  private async answer(id: number, uri: string): Promise<void> {
    try {
      this.worker.post({ type: "readFileResult", id, text: await readText(Uri.parse(uri)) });
    } catch (error) {
      this.worker.post({ type: "readFileResult", id, error: error instanceof Error ? error.message : String(error) });
    }
  }

  /** The worker is gone, which is a fault of ours: says so where the user looks, and ends the session. */
  private fail(reason: string): void {
    if (this.over) return;
    this.over = true;
    this.log.error(reason);
    const output = `Lockbreak's debug adapter has failed. The Lockbreak output channel tells more.\n${reason}\n`;
    this.event("output", { category: "stderr", output });
    this.event("terminated", {});
  }

  private event(event: string, body: object): void {
    this.sent.fire({ type: "event", seq: 0, event, body } as DebugProtocolMessage);
  }
}

/** Gives the message that a scenario has mistakes a button that shows them: how, only this editor knows. */
function offerProblems(message: Message): object {
  if (message.type !== "response" || message.body?.error?.id !== MISTAKES) return message;
  return { ...message, body: { error: { ...message.body.error, url: "command:workbench.actions.view.problems", urlLabel: "Show Problems" } } };
}

/** Starts workers, and ends those still running when disposed of. */
export class Adapters implements Disposable {
  private readonly pipes = new Set<AdapterPipe>();
  private disposed = false;

  constructor(
    private readonly context: ExtensionContext,
    private readonly host: Host,
    private readonly log: LogOutputChannel,
  ) {}

  async start(): Promise<AdapterPipe> {
    const worker = await this.host.startAdapter(this.context);
    if (this.disposed) {
      worker.terminate();
      throw new CancellationError();
    }
    const pipe = new AdapterPipe(worker, this.log, (ended) => this.pipes.delete(ended));
    this.pipes.add(pipe);
    return pipe;
  }

  register(): Disposable {
    return debug.registerDebugAdapterDescriptorFactory(DEBUG_TYPE, {
      createDebugAdapterDescriptor: async () => new DebugAdapterInlineImplementation(await this.start()),
    });
  }

  dispose(): void {
    this.disposed = true;
    for (const pipe of this.pipes) pipe.dispose();
  }
}
