// Parsing and checking block the server, so they are debounced: a further keystroke within the delay cancels them. The delay for a
// long text is longer than the pause between two keystrokes, so that completion answers while the user types.

import { OperationCancelled } from "langium";
import type { CancellationToken } from "vscode-languageserver";

/** The delay is a millisecond for each of so many characters, up to the maximum. */
const CHARACTERS_PER_MS = 100;
const MAX_MS = 300;

export class Debounce {
  private opened: string | undefined;

  /** A document with this text was opened: its first tree and diagnostics are not delayed. */
  noteOpened(text: string): void {
    this.opened = text;
  }

  /** Waits, longer for longer texts. Throws OperationCancelled if `token` was cancelled meanwhile, as the text has changed. */
  async wait(text: string, token: CancellationToken): Promise<void> {
    const delay = text === this.opened ? 0 : Math.min(MAX_MS, text.length / CHARACTERS_PER_MS);
    await new Promise((resolve) => setTimeout(resolve, delay));
    if (token.isCancellationRequested) throw OperationCancelled;
  }
}
