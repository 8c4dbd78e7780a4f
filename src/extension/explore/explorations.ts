// Explores scenarios in a worker, one worker for each, and keeps what came out until the scenario is another one.

import { EventEmitter, ProgressLocation, window, type CancellationToken, type Disposable, type ExtensionContext, type LogOutputChannel, type Progress, type Uri } from "vscode";
import type { ExploreMessage, ExploreProgress, ExploreResult } from "../../debug-adapter/explore_messages.ts";
import type { AdapterWorker, Host } from "../host.ts";
import { baseName, readText } from "../scenarios.ts";

/** What an exploration of a text came to. */
export interface Exploration {
  readonly text: string;
  readonly results: readonly ExploreResult[];
}

const STATE = "lockbreak.explorations";
/** So many are remembered when the window is closed. */
const MAX_KEPT = 20;

type Message = ExploreMessage | { readonly type: "failed"; readonly reason: string };

export class Explorations implements Disposable {
  /** By address, the newest last. */
  private readonly known: Map<string, Exploration>;
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;
  private readonly running = new Map<string, AdapterWorker>();

  constructor(
    private readonly context: ExtensionContext,
    private readonly host: Host,
    private readonly log: LogOutputChannel,
  ) {
    this.known = new Map(Object.entries(context.workspaceState.get<Record<string, Exploration>>(STATE, {})));
  }

  /** What is known of a scenario that says `text`. */
  of(uri: Uri, text: string): Exploration | undefined {
    const exploration = this.known.get(uri.toString());
    return exploration?.text === text ? exploration : undefined;
  }

  /**
   * Explores while a notification tells how far that has come, until it is done or cancelled. Undefined if it could not be,
   * which the user has been told.
   */
  async explore(uri: Uri, all: boolean): Promise<readonly ExploreResult[] | undefined> {
    const key = uri.toString();
    const name = baseName(uri);
    if (this.running.has(key)) {
      void window.showInformationMessage(`${name} is being explored already.`);
      return undefined;
    }
    const text = await readText(uri);
    const worker = await this.host.startAdapter(this.context);
    this.running.set(key, worker);
    try {
      const results = await window.withProgress({ location: ProgressLocation.Notification, title: `Exploring ${name}`, cancellable: true }, (progress, token) =>
        results_of(worker, { type: "explore", name, text, all }, progress, token));
      this.keep(uri, { text, results });
      return results;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!(error instanceof Refusal)) this.log.error(reason);
      void window.showErrorMessage(`${name} cannot be explored. ${reason}`);
      return undefined;
    } finally {
      worker.terminate();
      this.running.delete(key);
    }
  }

  private keep(uri: Uri, exploration: Exploration): void {
    const key = uri.toString();
    this.known.delete(key);
    this.known.set(key, exploration);
    const kept = [...this.known].slice(-MAX_KEPT);
    void this.context.workspaceState.update(STATE, Object.fromEntries(kept));
    this.changed.fire(uri);
  }

  dispose(): void {
    for (const worker of this.running.values()) worker.terminate();
    this.changed.dispose();
  }
}

/** The scenario cannot be explored, for a reason that its author can do something about. */
class Refusal extends Error {}

function results_of(worker: AdapterWorker, order: ExploreMessage, progress: Progress<{ message: string; increment: number }>, token: CancellationToken): Promise<readonly ExploreResult[]> {
  return new Promise((resolve, reject) => {
    let percent = 0;
    worker.onEnd((reason) => reject(new Error(reason)));
    worker.onMessage((sent) => {
      const message = sent as Message;
      if (message.type === "exploring") {
        const now = percentOf(message.progress);
        progress.report({ message: wordsOf(message.progress), increment: Math.max(0, now - percent) });
        percent = Math.max(percent, now);
      }
      if (message.type === "explored") resolve(message.results);
      if (message.type === "notExplored") reject(new Refusal(message.line === null ? message.reason : `Line ${message.line}: ${message.reason}`));
      if (message.type === "failed") reject(new Error(message.reason));
    });
    token.onCancellationRequested(() => worker.post({ type: "endExploring" } satisfies ExploreMessage));
    worker.post(order);
  });
}

function percentOf({ before, kernels, done }: ExploreProgress): number {
  return (100 * (before + done)) / kernels;
}

function wordsOf({ kernel, title, executions, findings, seconds }: ExploreProgress): string {
  const number = (value: number): string => Math.round(value).toLocaleString("en");
  const found = findings === 0 ? "nothing found" : `${findings} found`;
  return `${kernel}, ${title}: ${number(executions)} executions, ${number(executions / Math.max(seconds, 1e-3))}/s, ${found}`;
}
