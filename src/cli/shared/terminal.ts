// Terminal output: text styles if the stream is a terminal, and a progress line that is cleared before other output.

import { UNSTYLED, type TextStyler, type TextStyle } from "../../console/text-style.ts";

export type { TextStyler } from "../../console/text-style.ts";

const CODES: Readonly<Record<TextStyle, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 };

/** The text styler of a stream: with colours if FORCE_COLOR and NO_COLOR say so or, if they are not set, if it is a terminal. */
export function stylerFor(stream: { readonly isTTY?: boolean }): TextStyler {
  return wantsColour(stream) ? (style, text) => `\x1b[${CODES[style]}m${text}\x1b[0m` : UNSTYLED;
}

function wantsColour({ isTTY }: { readonly isTTY?: boolean }): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: terminal } = process.env;
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  if (none !== undefined && none !== "") return false;
  return isTTY === true && terminal !== "dumb";
}

/** Wall-clock milliseconds after which a progress line appears, and between two of its updates. */
const PROGRESS_DELAY = 1_000;
const PROGRESS_INTERVAL = 200;

/** A line on stderr with the progress of a long operation. Shows nothing if stderr is no terminal. */
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
    if (process.stderr.isTTY !== true || now - this.begin < PROGRESS_DELAY || now - this.last < PROGRESS_INTERVAL) return;
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
