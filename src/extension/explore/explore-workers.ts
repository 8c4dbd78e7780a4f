// Has a worker explore or compare, while a notification shows the progress and offers to cancel it.

import {
  ProgressLocation,
  window,
  type CancellationToken,
  type Disposable,
  type ExtensionContext,
  type LogOutputChannel,
  type Progress,
  type Uri,
} from "vscode";
import type { CompareRequest, ExploreMessage, ExploreRequest, ExploreProgress } from "../../debug-adapter/protocol/explore-messages.ts";
import type { AdapterWorker, ExtensionHost } from "../host/extension-host.ts";
import { uriBaseName } from "../host/scenarios.ts";

type Result = Extract<ExploreMessage, { readonly type: "explored" | "compared" }>;
type Message = ExploreMessage | { readonly type: "failed"; readonly reason: string };

export class ExploreWorkers implements Disposable {
  /** By the URI of the scenario: one worker for each. */
  private readonly running = new Map<string, AdapterWorker>();

  constructor(
    private readonly context: ExtensionContext,
    private readonly host: ExtensionHost,
    private readonly log: LogOutputChannel,
  ) {}

  /**
   * The result that a worker posts; undefined if there is none, which an error message has said.
   * @param title what is being done, for the notification: `Exploring race.vmscn`
   */
  async run(uri: Uri, order: ExploreRequest | CompareRequest, title: string): Promise<Result | undefined> {
    const key = uri.toString();
    const name = uriBaseName(uri);
    if (this.running.has(key)) {
      void window.showInformationMessage(`${name} is already being explored or compared.`);
      return undefined;
    }
    const worker = await this.host.startAdapterWorker(this.context);
    this.running.set(key, worker);
    let cancelled = false;
    try {
      return await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (progress, token) => {
        token.onCancellationRequested(() => (cancelled = true));
        return awaitResult(worker, order, progress, token);
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!(error instanceof ScenarioRefused)) this.log.error(reason);
      if (!cancelled) void window.showErrorMessage(`${title} failed. ${reason}`);
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

/** The worker refused the scenario, for a reason that the author of the scenario can remove. */
class ScenarioRefused extends Error {}

function awaitResult(
  worker: AdapterWorker,
  order: ExploreRequest | CompareRequest,
  progress: Progress<{ message: string; increment: number }>,
  token: CancellationToken,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    let percent = 0;
    worker.onEnd((reason) => reject(new Error(reason)));
    worker.onMessage((sent) => {
      const message = sent as Message;
      if (message.type === "exploring") {
        const now = progressPercent(message.progress);
        progress.report({ message: progressMessage(message.progress), increment: Math.max(0, now - percent) });
        percent = Math.max(percent, now);
      }
      if (message.type === "explored" || message.type === "compared") resolve(message);
      if (message.type === "notExplored")
        reject(new ScenarioRefused(message.line === null ? message.reason : `Line ${message.line}: ${message.reason}`));
      if (message.type === "failed") reject(new Error(message.reason));
    });
    token.onCancellationRequested(() => worker.post({ type: "endExploring" } satisfies ExploreMessage));
    worker.post(order);
  });
}

function progressPercent({ kernelsDone, kernels, done }: ExploreProgress): number {
  return (100 * (kernelsDone + done)) / kernels;
}

function progressMessage({ kernel, title, executions, findings, seconds }: ExploreProgress): string {
  const number = (value: number): string => Math.round(value).toLocaleString("en");
  if (executions === 0) return `${kernel}, ${title}`;
  const found = findings === 0 ? "nothing found" : `${findings} found`;
  return `${kernel}, ${title}: ${number(executions)} executions, ${number(executions / Math.max(seconds, 1e-3))}/s, ${found}`;
}
