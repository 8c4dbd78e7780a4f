// Excerpts of the source text of a scenario, for reports.

import type { Range } from "./program.ts";

/** The length of an excerpt, in characters. */
const MAX_EXCERPT = 80;

export function splitLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

/** The text of a range, joined to one line. */
export function sourceExcerpt(textLines: readonly string[], range: Range): string {
  const lines = textLines.slice(range.line - 1, range.endLine);
  if (lines.length === 0) return "";
  lines[lines.length - 1] = lines[lines.length - 1]!.slice(0, range.endColumn - 1);
  lines[0] = lines[0]!.slice(range.column - 1);
  const text = lines.map((line) => line.trim()).join(" ");
  return text.length > MAX_EXCERPT ? `${text.slice(0, MAX_EXCERPT - 1)}…` : text;
}
