// Where output goes: colours if a person looks at it, and one progress line that never gets into the way of the rest.

import { PLAIN, type Paint, type Style } from "../../console/paint.ts";

export type { Paint } from "../../console/paint.ts";

const CODES: Readonly<Record<Style, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 };

/** The colours of a stream: FORCE_COLOR and NO_COLOR decide if they are set, else whether it is a terminal. */
export function painter(stream: { readonly isTTY?: boolean }): Paint {
  return wantsColour(stream) ? (style, text) => `\x1b[${CODES[style]}m${text}\x1b[0m` : PLAIN;
}

function wantsColour({ isTTY }: { readonly isTTY?: boolean }): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: terminal } = process.env;
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  if (none !== undefined && none !== "") return false;
  return isTTY === true && terminal !== "dumb";
}

/** Wall-clock milliseconds after which a progress line appears, and between two of its updates. */
const PATIENCE = 1_000;
const UPDATE = 200;

/** A line on stderr that tells how far a long operation has come. Does nothing if nobody looks. */
export class ProgressLine {
  private begin = performance.now();
  private last = 0;
  private shown = false;

  /** A new operation begins. */
  restart(): void {
    this.clear();
    this.begin = performance.now();
  }

  /** Shows `text` if it is time to. */
  update(text: () => string): void {
    const now = performance.now();
    if (process.stderr.isTTY !== true || now - this.begin < PATIENCE || now - this.last < UPDATE) return;
    this.last = now;
    this.shown = true;
    process.stderr.write(`\r\x1b[K${text().slice(0, (process.stderr.columns || 80) - 1)}`);
  }

  /** Takes the line away: before anything else is written. */
  clear(): void {
    if (!this.shown) return;
    this.shown = false;
    process.stderr.write("\r\x1b[K");
  }
}
