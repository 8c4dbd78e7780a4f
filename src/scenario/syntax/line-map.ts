// Maps character offsets to lines and columns.

import type { Range } from "../program/program.ts";

/** The line starts of one text. Lines end with \n, \r\n or \r; columns count UTF-16 units, as editors do. */
export class LineMap {
  private readonly starts: number[] = [0];

  constructor(text: string) {
    for (const match of text.matchAll(/\r\n|\n|\r/g)) this.starts.push(match.index + match[0].length);
  }

  /** The range from offset `start` up to, not including, offset `end`. */
  range(start: number, end: number): Range {
    const line = this.line(start);
    const endLine = end <= start ? line : this.line(end);
    return { line: line + 1, column: start - this.starts[line]! + 1, endLine: endLine + 1, endColumn: end - this.starts[endLine]! + 1 };
  }

  private line(offset: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The range from the beginning of `first` to the end of `last`. */
export function joinRanges(first: Range, last: Range): Range {
  return { line: first.line, column: first.column, endLine: last.endLine, endColumn: last.endColumn };
}
