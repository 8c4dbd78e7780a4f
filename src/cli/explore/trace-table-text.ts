// Formats a trace table as text: one column per task.

import type { TraceTableRow, TraceTable } from "../../scenario/explore/trace-table.ts";
import type { TextStyler } from "../shared/terminal.ts";

/** Characters of a column. */
const MIN_WIDTH = 16;
const MAX_WIDTH = 58;

/** The lines of the table: its headers, its rows with a line for each switch between tasks, and its end. */
export function traceTableLines({ tasks, rows }: TraceTable, styled: TextStyler): string[] {
  const widths = tasks.map((name, column) => {
    const longest = Math.max(name.length, ...rows.map((row) => (row.kind === "step" && row.task === column ? row.text.length : 0)));
    return Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, longest));
  });
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join(" | ")
      .trimEnd();
  const full = widths.reduce((sum, width) => sum + width, 3 * (widths.length - 1));
  return [
    styled("bold", line(tasks)),
    widths.map((width) => "-".repeat(width)).join("-|-"),
    ...rows.flatMap((row) => rowLines(row, tasks, widths, full, line, styled)),
  ];
}

function rowLines(
  row: TraceTableRow,
  tasks: readonly string[],
  widths: readonly number[],
  full: number,
  line: (cells: readonly string[]) => string,
  styled: TextStyler,
): string[] {
  switch (row.kind) {
    case "step":
      return wrap(row.text, widths[row.task]!).map((part) => line(tasks.map((_, column) => (column === row.task ? part : ""))));
    case "switch":
      return [styled("dim", separator(`switch to ${tasks[row.task]} (${row.reason})`, full))];
    case "cycle":
      return [styled("yellow", separator("cycle: the following is repeated for ever", full))];
    case "end":
      return wrap(row.text, Math.max(full, MAX_WIDTH)).map((part) => styled("red", part));
  }
}

function separator(text: string, width: number): string {
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
