// `lockbreak language-server --stdio`: the server for editors other than VS Code, which start it as a process of its own.

import { createConnection, ProposedFeatures } from "vscode-languageserver/node.js";
import { MessageGuard } from "./message-guard.ts";
import { startServer } from "./server.ts";

const HELP = `Usage: lockbreak language-server --stdio | --node-ipc

Serves the Language Server Protocol on standard input and output, or over Node's messages between processes if an editor
starts it as a child process of Node.
`;

/**
 * Runs the command with its arguments. Resolves to the exit code after help (0) or a usage error (2), otherwise never: the
 * `exit` notification of the editor, or the end of the editor, ends the process. The library takes the transport from the
 * command line of the process, which contains `args`.
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
  startServer(createConnection(ProposedFeatures.all, { messageStrategy: new MessageGuard() }));
  return new Promise(() => {});
}

function usageError(args: readonly string[]): string | undefined {
  // Clients of VS Code's library add their process id: the server ends with that process.
  const transports = args.filter((arg) => !arg.startsWith("--clientProcessId"));
  const unknownOption = transports.find((arg) => arg !== "--stdio" && arg !== "--node-ipc");
  if (unknownOption !== undefined) return `'lockbreak language-server' has no option '${unknownOption}': write --stdio.`;
  if (transports.length !== 1) return "'lockbreak language-server' needs a transport to the editor: write --stdio.";
  return transports[0] === "--node-ipc" && process.send === undefined
    ? "there is no process to talk to with --node-ipc: write --stdio."
    : undefined;
}
