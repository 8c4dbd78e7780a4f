// Splits a text into words, numbers, texts and symbols, and reports what is none of them. The grammar's own lexer sees
// only what `render` puts together again: every token at its place, comments and stray characters blanked out.

import { problems, type Problem } from "../program/diagnostics.ts";

export interface Token {
  readonly kind: "word" | "number" | "text" | "symbol";
  readonly start: number;
  readonly end: number;
  /** Is it the first on its line? */
  readonly first: boolean;
  /** As it was written. */
  readonly text: string;
  /** As the parser is to see it, of the same length; empty: not at all. */
  shown: string;
}

/** A mistake at a place given by offsets. */
export interface Found {
  readonly start: number;
  readonly end: number;
  readonly problem: Problem;
}

export interface Scan {
  readonly tokens: Token[];
  readonly found: Found[];
  readonly length: number;
}

const PATTERN =
  /(?<space>\s+|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/)|(?<comment>\/\*[\s\S]*)|(?<number>[0-9][0-9A-Za-z_]*(?:\.[0-9][0-9A-Za-z_]*)*)|(?<word>[\p{L}\p{N}\p{M}_]+)|(?<text>"[^"\n\r]*"|'[^'\n\r]*')|(?<open>"[^"\n\r]*)|(?<symbol>&&|\|\||==|!=|<=|>=|<<|>>|->|\.\.|[{}()[\]<>=+\-*/%!~&|^?:,.#])|(?<other>[^])/uy;

/** Words that are operators. */
const OPERATORS = new Set(["and", "or", "not"]);

export function scan(text: string): Scan {
  const tokens: Token[] = [];
  const found: Found[] = [];
  let first = true;
  const add = (kind: Token["kind"], start: number, end: number, shown: string) => {
    tokens.push({ kind, start, end, first, text: text.slice(start, end), shown });
    first = false;
  };
  PATTERN.lastIndex = 0;
  for (let start = 0; start < text.length; start = PATTERN.lastIndex) {
    const groups = PATTERN.exec(text)!.groups!;
    const end = PATTERN.lastIndex;
    const report = (problem: Problem) => found.push({ start, end, problem });
    if (groups.space !== undefined) {
      first ||= /[\n\r]/.test(groups.space);
    } else if (groups.word !== undefined) {
      const plain = groups.word.replace(/[^A-Za-z0-9_]/g, "_");
      if (plain !== groups.word) report(problems.badName(groups.word));
      add(OPERATORS.has(plain) ? "symbol" : "word", start, end, plain.replace(/^[0-9]/, "_"));
    } else if (groups.number !== undefined) {
      add("number", start, end, groups.number);
    } else if (groups.text !== undefined) {
      if (groups.text.startsWith("'")) report(problems.singleQuotes());
      add("text", start, end, `"${groups.text.slice(1, -1).replaceAll('"', "_")}"`);
    } else if (groups.open !== undefined) {
      report(problems.openText());
      if (end - start > 1) add("text", start, end, text.slice(start, end - 1) + '"');
    } else if (groups.symbol !== undefined) {
      add("symbol", start, end, groups.symbol);
    } else if (groups.comment !== undefined) {
      found.push({ start, end: start + 2, problem: problems.openComment() });
    } else if (found.at(-1)?.end !== start || found.at(-1)?.problem.code !== problems.badCharacter.code) {
      report(problems.badCharacter(groups.other!));
    } else {
      found[found.length - 1] = { ...found.at(-1)!, end };
    }
  }
  return { tokens, found, length: text.length };
}

/**
 * The text that the parser sees. A token may be followed by closing brackets that were put into the gap behind it, and
 * have a separator in front of it.
 */
export function render({ tokens, length }: Scan, inserted: ReadonlyMap<Token, readonly Token[]>, separated: (i: number) => boolean): string {
  const parts: string[] = [];
  let at = 0;
  for (const [i, token] of tokens.entries()) {
    const gap = " ".repeat(token.start - at);
    parts.push(gap !== "" && separated(i) ? gap.slice(1) + ";" : gap, token.shown === "" ? " ".repeat(token.end - token.start) : token.shown);
    at = token.end;
    const closers = "}".repeat(inserted.get(token)?.filter(({ shown }) => shown !== "").length ?? 0);
    parts.push(closers);
    at += closers.length;
  }
  if (at < length) parts.push(" ".repeat(length - at));
  return parts.join("");
}
