// Run Scenario: runs a scenario to its end without a debug session, so it works in Restricted Mode too. It is a small
// client of the same adapter, launched with `noDebug`; what the adapter prints goes to an output channel.

import { ProgressLocation, window, type CancellationToken, type DebugProtocolMessage, type OutputChannel, type Uri } from "vscode";
import type { AdapterPipe, Adapters } from "./adapter.ts";
import { launchConfiguration } from "./configuration.ts";
import { baseName, openDocument } from "./scenarios.ts";

/** The parts of the protocol's messages that are read here. */
interface Message {
  readonly type: string;
  readonly command?: string;
  readonly event?: string;
  readonly success?: boolean;
  readonly message?: string;
  readonly body?: { readonly output?: string; readonly category?: string; readonly error?: { readonly format: string } };
}

export async function runScenario(adapters: Adapters, output: OutputChannel, uri: Uri): Promise<void> {
  output.clear();
  output.show(true);
  const title = `Running ${baseName(uri)}`;
  output.appendLine(title);
  await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (_progress, token) => {
    const pipe = await adapters.start();
    try {
      output.appendLine(await outcome(pipe, output, uri, token));
    } finally {
      pipe.dispose();
    }
  });
}

/** Runs to the end, a failed launch, or the user's wish; answers with a last line to print. */
function outcome(pipe: AdapterPipe, output: OutputChannel, uri: Uri, token: CancellationToken): Promise<string> {
  let seq = 0;
  const request = (command: string, args: object): void => pipe.handleMessage({ seq: ++seq, type: "request", command, arguments: args } as DebugProtocolMessage);
  return new Promise((resolve) => {
    token.onCancellationRequested(() => resolve("Cancelled."));
    pipe.onDidSendMessage((sent) => {
      const message = sent as Message;
      if (message.event === "initialized") request("configurationDone", {});
      if (message.event === "output" && message.body?.category !== "telemetry") output.append(message.body?.output ?? "");
      if (message.event === "terminated") resolve("");
      if (message.type === "response" && message.success === false) resolve(message.body?.error?.format ?? message.message ?? `${message.command} failed`);
    });
    request("initialize", { clientID: "lockbreak", adapterID: "lockbreak", linesStartAt1: true, columnsStartAt1: true, pathFormat: "uri" });
    const document = openDocument(uri);
    request("launch", { ...launchConfiguration(uri), noDebug: true, ...(document && { text: document.getText() }) });
  });
}
