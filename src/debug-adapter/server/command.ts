// `lockbreak debug-adapter [--port N]`: the adapter for editors other than VS Code.

import type { AddressInfo } from "node:net";
import { serveSocket, serveStdio } from "./stdio.ts";

const HELP = `Usage: lockbreak debug-adapter [--port N]

Serves the Debug Adapter Protocol on standard input and output, or to clients that connect to port N of 127.0.0.1
(0: any free port; the first line of standard error says which). With a port, Ctrl-C ends it.
`;

/** Runs the command with what follows its name. Resolves to the exit code. */
export async function runDebugAdapter(args: readonly string[]): Promise<number> {
  if (args.length === 1 && (args[0] === "--help" || args[0] === "-h")) {
    process.stdout.write(HELP);
    return 0;
  }
  if (args.length === 0) {
    await serveStdio();
    return 0;
  }
  const text = args.length === 1 ? /^--port=(.*)$/.exec(args[0]!)?.[1] : args.length === 2 && args[0] === "--port" ? args[1] : undefined;
  const port = Number(text);
  if (text === undefined || !/^\d+$/.test(text) || port > 65535)
    return refuse("'lockbreak debug-adapter' takes nothing but --port N, with N from 0 to 65535.");
  return listen(port);
}

async function listen(port: number): Promise<number> {
  try {
    const server = await serveSocket(port);
    process.stderr.write(`listening on 127.0.0.1:${(server.address() as AddressInfo).port}\n`);
    await new Promise((resolve) => server.once("close", resolve));
    return 0;
  } catch (error) {
    return refuse(`port ${port} cannot be used: ${error instanceof Error && "code" in error ? String(error.code) : String(error)}.`);
  }
}

function refuse(message: string): number {
  process.stderr.write(`lockbreak: error LB060: ${message}\n`);
  return 2;
}
