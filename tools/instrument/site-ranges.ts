// The source range of a site: what an editor marks when execution stands there.
import type { File, Node, Statement } from "@babel/types";

/** 1-based; the end column is exclusive. The names of DAP, which the site table keeps. */
export interface Range {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

interface Token {
  readonly start: number;
  readonly end: number;
  readonly loc: NonNullable<Node["loc"]>;
}

/** Ranges in one file, found in its token list so that comments and spacing do not matter. */
export class SiteRanges {
  private readonly tokens: readonly Token[];

  constructor(
    ast: File,
    private readonly source: string,
  ) {
    // Babel types tokens as any[]. Comments are in the list as well; a range neither starts nor ends at one.
    this.tokens = (ast.tokens as (Token & { type: unknown })[]).filter(
      (token) => token.type !== "CommentLine" && token.type !== "CommentBlock",
    );
  }

  /** A whole node. */
  of(node: Node): Range {
    return this.between(position(node).start, position(node).end);
  }

  /** From the start of one node to the end of another. */
  span(first: Node, last: Node): Range {
    return this.between(position(first).start, position(last).end);
  }

  /** A statement without its body: `if (…)`, `for (…)`, `switch (…)`; for `do` the `while (…)` at its end. */
  ofStatement(node: Statement): Range {
    const { start, end } = position(node);
    switch (node.type) {
      case "IfStatement":
        return this.between(start, position(node.consequent).start);
      case "WhileStatement":
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
        return this.between(start, position(node.body).start);
      case "SwitchStatement":
        return this.between(start, this.next(position(node.discriminant).end, "{"));
      case "DoWhileStatement": {
        const semicolon = this.source[end - 1] === ";";
        return this.between(this.next(position(node.body).end, "while"), semicolon ? end - 1 : end);
      }
      default:
        return this.between(start, end);
    }
  }

  /** From the token at `start` to the last token that ends at or before `end`. */
  private between(start: number, end: number): Range {
    const first = this.tokens[this.firstFrom(start)] as Token;
    const last = this.tokens[this.firstFrom(end) - 1] as Token;
    return {
      line: first.loc.start.line,
      column: first.loc.start.column + 1,
      endLine: last.loc.end.line,
      endColumn: last.loc.end.column + 1,
    };
  }

  private next(from: number, text: string): number {
    let i = this.firstFrom(from);
    while (!this.source.startsWith(text, this.tokens[i]?.start)) i++;
    return (this.tokens[i] as Token).start;
  }

  /** Index of the first token that starts at or after the offset. */
  private firstFrom(offset: number): number {
    let low = 0;
    let high = this.tokens.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.tokens[middle] as Token).start < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function position(node: Node): { start: number; end: number } {
  return { start: node.start as number, end: node.end as number };
}
