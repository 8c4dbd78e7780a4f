// Parsing and checking block the server, so they are debounced: a further keystroke within the delay cancels them.

import { OperationCancelled } from "langium";
import type { CancellationToken } from "vscode-languageserver";

/** The delay is a millisecond for each of so many characters, up to the maximum. */
const CHARACTERS_PER_MS = 1_000;
const MAX_MS = 200;

/** Waits, longer for longer texts. Throws OperationCancelled if `token` was cancelled meanwhile, as the text has changed. */
export async function debounce(text: string, token: CancellationToken): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.min(MAX_MS, text.length / CHARACTERS_PER_MS)));
  if (token.isCancellationRequested) throw OperationCancelled;
}
