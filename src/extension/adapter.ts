// The debug adapter as the editor sees it: a pipe to a worker. The worker asks back only for the text of files.

import { DebugAdapterInlineImplementation, EventEmitter, Uri, debug } from "vscode";
import type { DebugAdapter, DebugProtocolMessage, Disposable, ExtensionContext, LogOutputChannel } from "vscode";
import type { AdapterWorker, Host } from "./host.ts";
import { DEBUG_TYPE } from "./configuration.ts";
import { readText } from "./scenarios.ts";

/** The worker's request for a file; all other messages are the debug adapter protocol's. */
interface ReadFile {
  readonly type: "readFile";
  readonly id: number;
  readonly uri: string;
}

/** The number of the adapter's error for a scenario with mistakes. */
const MISTAKES = 1003;

/** One worker, and what goes to and fro. Disposing of it ends the worker. */
export class AdapterPipe implements DebugAdapter {
  private readonly sent = new EventEmitter<DebugProtocolMessage>();
  readonly onDidSendMessage = this.sent.event;

  constructor(
    private readonly worker: AdapterWorker,
    private readonly log: LogOutputChannel,
    private readonly onDispose: (pipe: AdapterPipe) => void,
  ) {
    worker.onMessage((message) => {
      if (isReadFile(message)) void this.answer(message);
      else this.sent.fire(offerProblems(message) as DebugProtocolMessage);
    });
    worker.onFailure((reason) => this.fail(reason));
  }

  handleMessage(message: DebugProtocolMessage): void {
    this.worker.post(message);
  }

  dispose(): void {
    this.worker.terminate();
    this.sent.dispose();
    this.onDispose(this);
  }

  private async answer({ id, uri }: ReadFile): Promise<void> {
    try {
      this.worker.post({ type: "readFileResult", id, text: await readText(Uri.parse(uri)) });
    } catch (error) {
      this.worker.post({ type: "readFileResult", id, error: error instanceof Error ? error.message : String(error) });
    }
  }

  /** The worker is gone, which is a fault of ours: says so where the user looks, and ends the session. */
  private fail(reason: string): void {
    this.log.error(reason);
    const output = `Lockbreak's debug adapter has failed. The Lockbreak output channel tells more.\n${reason}\n`;
    this.event("output", { category: "stderr", output });
    this.event("terminated", {});
  }

  private event(event: string, body: object): void {
    this.sent.fire({ type: "event", seq: 0, event, body } as DebugProtocolMessage);
  }
}

function isReadFile(message: unknown): message is ReadFile {
  return typeof message === "object" && message !== null && "type" in message && message.type === "readFile";
}

/** Gives the message that a scenario has mistakes a button that shows them: how, only this editor knows. */
function offerProblems(message: unknown): unknown {
  const { body } = message as { body?: { error?: { id?: number } } };
  if (body?.error?.id !== MISTAKES) return message;
  return { ...(message as object), body: { error: { ...body.error, url: "command:workbench.actions.view.problems", urlLabel: "Show Problems" } } };
}

/** Starts workers, and ends those still running when disposed of. */
export class Adapters implements Disposable {
  private readonly pipes = new Set<AdapterPipe>();

  constructor(
    private readonly context: ExtensionContext,
    private readonly host: Host,
    private readonly log: LogOutputChannel,
  ) {}

  async start(): Promise<AdapterPipe> {
    const pipe = new AdapterPipe(await this.host.startAdapter(this.context), this.log, (ended) => this.pipes.delete(ended));
    this.pipes.add(pipe);
    return pipe;
  }

  register(): Disposable {
    return debug.registerDebugAdapterDescriptorFactory(DEBUG_TYPE, {
      createDebugAdapterDescriptor: async () => new DebugAdapterInlineImplementation(await this.start()),
    });
  }

  dispose(): void {
    for (const pipe of this.pipes) pipe.dispose();
  }
}
