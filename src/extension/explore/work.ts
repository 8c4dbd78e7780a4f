// Has a worker explore or compare, while a notification tells how far that has come and offers to cancel it.

import { ProgressLocation, window, type CancellationToken, type Disposable, type ExtensionContext, type LogOutputChannel, type Progress, type Uri } from "vscode";
import type { CompareOrder, ExploreMessage, ExploreOrder, ExploreProgress } from "../../debug-adapter/protocol/explore-messages.ts";
import type { AdapterWorker, Host } from "../host/host.ts";
import { baseName } from "../host/scenarios.ts";

type Result = Extract<ExploreMessage, { readonly type: "explored" | "compared" }>;
type Message = ExploreMessage | { readonly type: "failed"; readonly reason: string };

export class Work implements Disposable {
  /** By the address of the scenario: one worker for each. */
  private readonly running = new Map<string, AdapterWorker>();

  constructor(
    private readonly context: ExtensionContext,
    private readonly host: Host,
    private readonly log: LogOutputChannel,
  ) {}

  /**
   * What a worker answers; undefined if it has no answer, which the user has been told.
   * @param title what is being done, for the notification: `Exploring race.vmscn`
   */
  async do(uri: Uri, order: ExploreOrder | CompareOrder, title: string): Promise<Result | undefined> {
    const key = uri.toString();
    const name = baseName(uri);
    if (this.running.has(key)) {
      void window.showInformationMessage(`${name} is being explored or compared already.`);
      return undefined;
    }
    const worker = await this.host.startAdapter(this.context);
    this.running.set(key, worker);
    let cancelled = false;
    try {
      return await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (progress, token) => {
        token.onCancellationRequested(() => (cancelled = true));
        return answer(worker, order, progress, token);
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!(error instanceof Refusal)) this.log.error(reason);
      if (!cancelled) void window.showErrorMessage(`${title} came to nothing. ${reason}`);
      return undefined;
    } finally {
      worker.terminate();
      this.running.delete(key);
    }
  }

  dispose(): void {
    for (const worker of this.running.values()) worker.terminate();
  }
}

/** It cannot be done, for a reason that the author of the scenario can do something about. */
class Refusal extends Error {}

function answer(worker: AdapterWorker, order: ExploreOrder | CompareOrder, progress: Progress<{ message: string; increment: number }>, token: CancellationToken): Promise<Result> {
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
      if (message.type === "explored" || message.type === "compared") resolve(message);
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
  if (executions === 0) return `${kernel}, ${title}`;
  const found = findings === 0 ? "nothing found" : `${findings} found`;
  return `${kernel}, ${title}: ${number(executions)} executions, ${number(executions / Math.max(seconds, 1e-3))}/s, ${found}`;
}
