// Run Scenario: runs a scenario to its end without a debug session, so it works in Restricted Mode too. It is a small
// client of the same adapter, launched with `noDebug`; the output of the adapter goes to an output channel.

import {
  ProgressLocation,
  window,
  workspace,
  type CancellationToken,
  type DebugProtocolMessage,
  type OutputChannel,
  type Uri,
} from "vscode";
import type { LaunchArguments } from "../../debug-adapter/protocol/protocol.ts";
import type { WorkerDebugAdapter, DebugAdapters } from "./debug-adapter.ts";
import { uriBaseName, openDocument } from "../host/scenarios.ts";

/** The fields of the protocol's messages that are read here. */
interface Message {
  readonly type: string;
  readonly command?: string;
  readonly event?: string;
  readonly success?: boolean;
  readonly message?: string;
  readonly body?: { readonly output?: string; readonly line?: number; readonly error?: { readonly format: string } };
}

export async function runScenario(adapters: DebugAdapters, output: OutputChannel, uri: Uri): Promise<void> {
  const title = `Running ${uriBaseName(uri)}`;
  output.clear();
  output.show(true);
  output.appendLine(title);
  await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (_progress, token) => {
    const pipe = await adapters.start();
    try {
      output.appendLine(await runToEnd(pipe, output, uri, token));
    } finally {
      pipe.dispose();
    }
  });
}

/** Runs until the program ends, its launch fails, or the user cancels. Returns the last line to print. */
function runToEnd(pipe: WorkerDebugAdapter, output: OutputChannel, uri: Uri, token: CancellationToken): Promise<string> {
  const document = openDocument(uri);
  const args: LaunchArguments = { program: uri.toString(), noDebug: true, ...(document && { text: document.getText() }) };
  let seq = 0;
  const request = (command: string, args: object): void =>
    pipe.handleMessage({ seq: ++seq, type: "request", command, arguments: args } as DebugProtocolMessage);
  return new Promise((resolve) => {
    token.onCancellationRequested(() => resolve("Interrupted."));
    pipe.onDidSendMessage((sent) => {
      const { type, command, event, success, message, body } = sent as Message;
      if (event === "initialized") request("configurationDone", {});
      if (event === "output") output.append(body?.output ?? "");
      // A failed check has a line; in this form the editor makes a link of it.
      if (event === "output" && body?.line !== undefined) output.appendLine(`  ${workspace.asRelativePath(uri)}:${body.line}`);
      if (event === "terminated") resolve("");
      if (type === "response" && success === false) resolve(body?.error?.format ?? message ?? `${command} failed`);
    });
    request("initialize", { clientID: "lockbreak", adapterID: "lockbreak", linesStartAt1: true, columnsStartAt1: true, pathFormat: "uri" });
    request("launch", args);
  });
}
