// The command line of Lockbreak. The code of a subcommand is loaded when it is called.

import { parseArguments, type CliRequest } from "./shared/arguments.ts";
import { EXIT, UserError } from "./shared/errors.ts";
import { shellWord } from "./shared/shell.ts";

declare const __VERSION__: string;

async function dispatch(request: CliRequest): Promise<number> {
  if (request.kind === "help") {
    process.stdout.write(request.text);
    return EXIT.ok;
  }
  if (request.kind === "version") {
    process.stdout.write(`lockbreak ${__VERSION__}\n`);
    return EXIT.ok;
  }
  if (request.kind === "server") {
    if (request.name === "debug-adapter") return (await import("../debug-adapter/server/command.ts")).runDebugAdapter(request.args);
    return (await import("../language-server/command.ts")).runLanguageServer(request.args);
  }
  const { name, files, options } = request;
  if (name === "check") return (await import("./check.ts")).checkCommand(files, options);
  if (name === "explore") return (await import("./explore/main.ts")).exploreCommand(files[0]!, options);
  if (name === "compare") return (await import("./compare/main.ts")).compareCommand(files[0]!, options);
  if (name === "merge") return (await import("./explore/main.ts")).mergeCommand(files, options);
  const { runCommand, stepCommand } = await import("./run/run.ts");
  return name === "run" ? runCommand(files[0]!, options) : stepCommand(files[0]!, options);
}

/** Reports an error that neither a scenario nor an argument can cause: a fault of Lockbreak itself. */
function internalFault(error: unknown): number {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const command = ["lockbreak", ...process.argv.slice(2)].map(shellWord).join(" ");
  process.stderr.write(
    "lockbreak: internal error. This is a fault of Lockbreak, not of your scenario. " +
      "Please report it with the scenario and these lines:\n" +
      `  command: ${command}\n  version: ${__VERSION__}, node ${process.version}\n  ${text.replaceAll("\n", "\n  ")}\n`,
  );
  return EXIT.internal;
}

// `lockbreak run … | head`: the reader has closed the pipe.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    throw error;
  });
}

try {
  process.exitCode = await dispatch(parseArguments(process.argv.slice(2)));
} catch (error) {
  if (error instanceof UserError) {
    process.stderr.write(`lockbreak: error ${error.code}: ${error.message}\n`);
    process.exitCode = EXIT.wrong;
  } else {
    process.exitCode = internalFault(error);
  }
}
