// Parsing and checking block the server. Before either it waits a moment, in which a further keystroke makes them needless.

import { OperationCancelled } from "langium";
import type { CancellationToken } from "vscode-languageserver";

/** Milliseconds for so many characters, and at most. */
const CHARACTERS_PER_MS = 1_000;
const MAX_MS = 200;

/** Waits, longer for longer texts. Throws OperationCancelled if `token` says that the text has changed. */
export async function settle(text: string, token: CancellationToken): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.min(MAX_MS, text.length / CHARACTERS_PER_MS)));
  if (token.isCancellationRequested) throw OperationCancelled;
}
