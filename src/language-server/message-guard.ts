// What a client may send when: the guard sees each message before the library does. It refuses requests that LSP does not allow at
// that moment and requests without what they need, drops such notifications, and takes JSON null for absent.

import {
  ErrorCodes,
  Message,
  ResponseError,
  type Connection,
  type MessageStrategy,
  type NotificationMessage,
  type RequestMessage,
} from "vscode-languageserver";

/** The method under which a refused request is handed on: its handler answers with the error. */
const REFUSED = "lockbreak/refused";

interface Refusal {
  readonly code: number;
  readonly message: string;
}

export class MessageGuard implements MessageStrategy {
  private phase: "new" | "running" | "shut down" = "new";

  handleMessage(message: Message, next: (message: Message) => void): void {
    if (Message.isRequest(message)) {
      const sound = withoutNullParams(message);
      const refusal = this.refusalOf(sound);
      if (refusal === undefined) this.enterPhase(message.method);
      next(refusal === undefined ? sound : ({ ...message, method: REFUSED, params: refusal } as RequestMessage));
    } else if (Message.isNotification(message)) {
      const sound = withoutNullParams(message);
      if (message.method === "exit" || (this.phase === "running" && mistakeIn(message.method, sound.params) === undefined)) next(sound);
    } else {
      next(message);
    }
  }

  private enterPhase(method: string): void {
    if (method === "initialize") this.phase = "running";
    if (method === "shutdown") this.phase = "shut down";
  }

  private refusalOf({ method, params }: RequestMessage): Refusal | undefined {
    if (this.phase === "shut down") {
      return { code: ErrorCodes.InvalidRequest, message: `'${method}' came after 'shutdown': only 'exit' may follow.` };
    }
    if (method === "initialize" && this.phase === "running") {
      return { code: ErrorCodes.InvalidRequest, message: "'initialize' came a second time." };
    }
    if (method !== "initialize" && this.phase === "new") {
      return { code: ErrorCodes.ServerNotInitialized, message: `'${method}' came before 'initialize'.` };
    }
    const mistake = mistakeIn(method, params);
    return mistake === undefined ? undefined : { code: ErrorCodes.InvalidParams, message: `'${method}' ${mistake}.` };
  }
}

/** The message without parameters, or members of them, that are null. */
function withoutNullParams<T extends RequestMessage | NotificationMessage>({
  params,
  ...message
}: T): Omit<T, "params"> & Pick<RequestMessage, "params"> {
  const sound = withoutNulls(params);
  return sound === undefined ? message : { ...message, params: sound };
}

/** Answers the requests that a guard has refused. */
export function answerRefusals(connection: Connection): void {
  connection.onRequest(REFUSED, ({ code, message }: Refusal) => new ResponseError(code, message));
}

/** Requests about a place in a document. */
const NEED_POSITION = new Set(["textDocument/completion", "textDocument/hover", "textDocument/signatureHelp"]);

/** What the parameters of a message lack; undefined: nothing. */
function mistakeIn(method: string, params: unknown): string | undefined {
  if (method === "initialize") return isObject(params) && isObject(params.capabilities) ? undefined : "has no 'capabilities'";
  if (!method.startsWith("textDocument/")) return undefined;
  if (!isObject(params)) return "has no parameters";
  const { textDocument, position } = params;
  if (!isObject(textDocument) || typeof textDocument.uri !== "string") return "has no 'textDocument.uri'";
  if (method === "textDocument/didOpen" && typeof textDocument.text !== "string") return "has no 'textDocument.text'";
  if (method === "textDocument/didChange" && !(Array.isArray(params.contentChanges) && typeof textDocument.version === "number")) {
    return "has no 'contentChanges', or no 'textDocument.version'";
  }
  if (method === "textDocument/codeAction" && !(isObject(params.context) && Array.isArray(params.context.diagnostics))) {
    return "has no 'context.diagnostics'";
  }
  const isPlaced = isObject(position) && typeof position.line === "number" && typeof position.character === "number";
  return NEED_POSITION.has(method) && !isPlaced ? "has no 'position' with a 'line' and a 'character'" : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value without the members of objects that are null. */
function withoutNulls<T>(value: T): T;
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((element: unknown) => withoutNulls(element));
  if (!isObject(value)) return value ?? undefined;
  return Object.fromEntries(Object.entries(value).flatMap(([name, inner]) => (inner === null ? [] : [[name, withoutNulls(inner)]])));
}
