// The adapter in a worker of the extension: messages of the protocol are posted as they are, and files are read by the
// extension, which has access to all file systems. A worker may also explore a scenario, or compare kernels, instead.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { CompareRequest, ExploreMessage, ExploreRequest } from "../protocol/explore-messages.ts";
import type { ExplorationServer } from "./exploration-server.ts";
import { toUri } from "../protocol/paths.ts";
import type { WorkerMessage } from "../protocol/protocol.ts";
import { DebugSession } from "./debug-session.ts";

type Message = DebugProtocol.ProtocolMessage | WorkerMessage | ExploreMessage;

/**
 * Serves one session, or one exploration or comparison.
 * @param post sends a message to the extension
 * @param end ends the worker
 * @returns what is to be called with each message from the extension
 */
export function serveWorker(post: (message: Message) => void, end: () => void): (message: Message) => void {
  const readers = new Map<number, { readonly resolve: (text: string) => void; readonly reject: (error: Error) => void }>();
  let nextId = 1;
  const readFile = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      readers.set(id, { resolve, reject });
      post({ type: "readFile", id, uri: toUri(path) });
    });
  const session = new DebugSession({ readFile, kernelFolder: null, end });
  session.onDidSendMessage((message) => post(message as DebugProtocol.ProtocolMessage));
  let explorations: Promise<ExplorationServer> | null = null;
  return (message) => {
    if (message.type === "explore" || message.type === "compare" || message.type === "endExploring") {
      explorations ??= import("./exploration-server.ts").then(({ ExplorationServer }) => new ExplorationServer(post));
      void explorations.then((server) =>
        message.type === "endExploring" ? server.interrupt() : server.handle(message as ExploreRequest | CompareRequest),
      );
      return;
    }
    if (message.type !== "readFileResult") return session.handleMessage(message as DebugProtocol.ProtocolMessage);
    const result = message as Extract<WorkerMessage, { type: "readFileResult" }>;
    const reader = readers.get(result.id);
    readers.delete(result.id);
    if ("text" in result) reader?.resolve(result.text);
    else reader?.reject(new Error(result.error));
  };
}
