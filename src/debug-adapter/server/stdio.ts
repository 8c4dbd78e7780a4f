// The adapter as a process of its own: over standard input and output, or over a socket.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { normalize } from "../protocol/paths.ts";
import { DebugSession } from "./debug-session.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "it is a directory",
  EACCES: "you have no permission to",
};

async function readText(pathOrUri: string): Promise<string> {
  try {
    return await readFile(normalize(pathOrUri), "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Error(REASONS[code] ?? code, { cause: error });
  }
}

/** The kernel's sources lie beside the program. */
function kernelFolder(): string | null {
  const folder = fileURLToPath(new URL("./kernel", import.meta.url));
  return existsSync(folder) ? folder : null;
}

function start(end: () => void): DebugSession {
  return new DebugSession({ readFile: readText, kernelFolder: kernelFolder(), end });
}

/** Serves one session over standard input and output. Resolves when it is over, and no handle is left open. */
export function serveStdio(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      process.stdin.destroy();
      resolve();
    };
    const session = start(end);
    process.stdin.on("close", () => {
      session.close();
      resolve();
    });
    // A client that has closed its pipe without `disconnect`, or that sends something else than the protocol.
    process.stdout.on("error", end);
    session.on("error", end);
    session.start(process.stdin, process.stdout);
  });
}

/** Serves any number of sessions, at the same time, too, to clients that connect to `port` of this machine. */
export function serveSocket(port: number): Promise<Server> {
  const server = createServer((socket: Socket) => {
    const session = start(() => socket.end());
    socket.on("close", () => session.close());
    socket.on("error", () => socket.destroy());
    session.on("error", () => socket.destroy());
    session.start(socket, socket);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
