// A statement of a scenario as it was written.

import type { Range } from "./program.ts";

/** Characters that are quoted. */
const MAX_QUOTE = 80;

export function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

/** What stands in a range of a text, on one line. */
export function quote(textLines: readonly string[], range: Range): string {
  const lines = textLines.slice(range.line - 1, range.endLine);
  if (lines.length === 0) return "";
  lines[lines.length - 1] = lines[lines.length - 1]!.slice(0, range.endColumn - 1);
  lines[0] = lines[0]!.slice(range.column - 1);
  const text = lines.map((line) => line.trim()).join(" ");
  return text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE - 1)}…` : text;
}
