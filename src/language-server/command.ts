// The language server as a command: which way it is to talk to the editor.

import { createConnection, ProposedFeatures } from "vscode-languageserver/node.js";
import { startServer } from "./server.ts";

const USAGE = "Write: language-server --stdio, or --node-ipc if an editor starts it as a child process of Node.";

/**
 * Serves an editor over standard input and output (`--stdio`) or Node's messages between processes (`--node-ipc`).
 * The transport is taken from the command line of the process, in which `args` stand. Returns the exit code 2 after a
 * usage error; otherwise never: the editor's `exit`, or its end, ends the process.
 */
export function runLanguageServer(args: readonly string[]): Promise<number> {
  const mistake = usageError(args);
  if (mistake !== undefined) {
    process.stderr.write(`${mistake} ${USAGE}\n`);
    return Promise.resolve(2);
  }
  startServer(createConnection(ProposedFeatures.all));
  return new Promise(() => {});
}

function usageError(args: readonly string[]): string | undefined {
  // Clients of VS Code's library add the number of their own process, with which the server is to end.
  const transports = args.filter((arg) => !arg.startsWith("--clientProcessId"));
  const unknown = transports.find((arg) => arg !== "--stdio" && arg !== "--node-ipc");
  if (unknown !== undefined) return `'${unknown}' is not an option of the language server.`;
  if (transports.length !== 1) return "How is the language server to talk to the editor?";
  return transports[0] === "--node-ipc" && process.send === undefined ? "There is no process to talk to with --node-ipc." : undefined;
}
