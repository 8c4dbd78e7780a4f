// An execution as a table of text: one column per task.

import type { Row, Story } from "../../scenario/explore/story.ts";
import type { Paint } from "../shared/terminal.ts";

/** Characters of a column. */
const MIN_WIDTH = 16;
const MAX_WIDTH = 58;

/** The table, with its heads, a line for each switch between tasks, and how it ends. */
export function tableLines({ tasks, rows }: Story, paint: Paint): string[] {
  const widths = tasks.map((name, column) => {
    const longest = Math.max(name.length, ...rows.map((row) => (row.kind === "step" && row.task === column ? row.text.length : 0)));
    return Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, longest));
  });
  const line = (cells: readonly string[]): string => cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ").trimEnd();
  const full = widths.reduce((sum, width) => sum + width, 3 * (widths.length - 1));
  return [
    paint("bold", line(tasks)),
    widths.map((width) => "-".repeat(width)).join("-|-"),
    ...rows.flatMap((row) => rowLines(row, tasks, widths, full, line, paint)),
  ];
}

function rowLines(row: Row, tasks: readonly string[], widths: readonly number[], full: number, line: (cells: readonly string[]) => string, paint: Paint): string[] {
  switch (row.kind) {
    case "step":
      return wrap(row.text, widths[row.task]!).map((part) => line(tasks.map((_, column) => (column === row.task ? part : ""))));
    case "switch":
      return [paint("dim", rule(`switch to ${tasks[row.task]} (${row.why})`, full))];
    case "cycle":
      return [paint("yellow", rule("from here on the same comes again and again", full))];
    case "end":
      return wrap(row.text, Math.max(full, MAX_WIDTH)).map((part) => paint("red", part));
  }
}

function rule(text: string, width: number): string {
  return `--- ${text} `.padEnd(width, "-");
}

/** Words on lines of at most `width` characters; the lines after the first begin a little to the right. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    const at = space > 2 ? space : width;
    lines.push(rest.slice(0, at));
    rest = `  ${rest.slice(at).trimStart()}`;
  }
  return [...lines, rest];
}
