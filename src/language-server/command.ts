// `lockbreak language-server --stdio`: the server for editors other than VS Code, which start it as a program of its own.

import { createConnection, ProposedFeatures } from "vscode-languageserver/node.js";
import { startServer } from "./server.ts";

const HELP = `Usage: lockbreak language-server --stdio | --node-ipc

Serves the Language Server Protocol on standard input and output, or over Node's messages between processes if an editor
starts it as a child process of Node.
`;

/**
 * Runs the command with what follows its name. Resolves to the exit code after help (0) or a usage error (2), otherwise
 * never: the editor's `exit`, or its end, ends the process. The transport is taken from the command line of the process,
 * in which `args` stand.
 */
export function runLanguageServer(args: readonly string[]): Promise<number> {
  if (args.length === 1 && (args[0] === "--help" || args[0] === "-h")) {
    process.stdout.write(HELP);
    return Promise.resolve(0);
  }
  const mistake = usageError(args);
  if (mistake !== undefined) {
    process.stderr.write(`lockbreak: error LB061: ${mistake}\n`);
    return Promise.resolve(2);
  }
  startServer(createConnection(ProposedFeatures.all));
  return new Promise(() => {});
}

function usageError(args: readonly string[]): string | undefined {
  // Clients of VS Code's library add the number of their own process, with which the server is to end.
  const transports = args.filter((arg) => !arg.startsWith("--clientProcessId"));
  const unknown = transports.find((arg) => arg !== "--stdio" && arg !== "--node-ipc");
  if (unknown !== undefined) return `'lockbreak language-server' knows no '${unknown}': write --stdio.`;
  if (transports.length !== 1) return "'lockbreak language-server' has to be told how to talk to the editor: write --stdio.";
  return transports[0] === "--node-ipc" && process.send === undefined ? "there is no process to talk to with --node-ipc: write --stdio." : undefined;
}
