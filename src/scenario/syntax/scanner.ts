// The scanner: splits a text into identifiers, numbers, texts and symbols, and reports all other characters. The lexer of
// the grammar reads the output of `renderForParser` alone: every token at its offset, with comments and stray characters blanked.

import { problems, type Problem } from "../program/diagnostics.ts";

export interface Token {
  readonly kind: "identifier" | "number" | "text" | "symbol";
  readonly start: number;
  readonly end: number;
  /** Is it the first on its line? */
  readonly startsLine: boolean;
  /** As it was written. */
  readonly text: string;
  /** What the parser reads in its place, of the same length; empty: the parser does not see the token. */
  parserText: string;
}

/** A problem with its range, as offsets. */
export interface LocatedProblem {
  readonly start: number;
  readonly end: number;
  readonly problem: Problem;
}

export interface ScanResult {
  readonly tokens: Token[];
  readonly errors: LocatedProblem[];
  readonly length: number;
}

const TOKEN_PATTERN = new RegExp(
  [
    /(?<space>\s+|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/)/u,
    /(?<comment>\/\*[\s\S]*)/u,
    /(?<number>[0-9][0-9A-Za-z_]*(?:\.[0-9][0-9A-Za-z_]*)*)/u,
    /(?<identifier>[\p{L}\p{N}\p{M}_]+)/u,
    /(?<text>"[^"\n\r]*"|'[^'\n\r]*')/u,
    /(?<open>"[^"\n\r]*)/u,
    /(?<symbol>&&|\|\||==|!=|<=|>=|<<|>>|->|\.\.|[{}()[\]<>=+\-*/%!~&|^?:,.#])/u,
    /(?<other>[^])/u,
  ]
    .map(({ source }) => source)
    .join("|"),
  "uy",
);

/** Keywords that are operators. */
const OPERATOR_KEYWORDS = new Set(["and", "or", "not"]);

/** The tokens of `text`, and the lexical errors in it. */
export function scan(text: string): ScanResult {
  const tokens: Token[] = [];
  const errors: LocatedProblem[] = [];
  let startsLine = true;
  const add = (kind: Token["kind"], start: number, end: number, parserText: string) => {
    tokens.push({ kind, start, end, startsLine, text: text.slice(start, end), parserText });
    startsLine = false;
  };
  TOKEN_PATTERN.lastIndex = 0;
  for (let start = 0; start < text.length; start = TOKEN_PATTERN.lastIndex) {
    const groups = TOKEN_PATTERN.exec(text)!.groups!;
    const end = TOKEN_PATTERN.lastIndex;
    const report = (problem: Problem) => errors.push({ start, end, problem });
    if (groups.space !== undefined) {
      startsLine ||= /[\n\r]/.test(groups.space);
    } else if (groups.identifier !== undefined) {
      const plain = groups.identifier.replace(/[^A-Za-z0-9_]/g, "_");
      if (plain !== groups.identifier) report(problems.badName(groups.identifier));
      add(OPERATOR_KEYWORDS.has(plain) ? "symbol" : "identifier", start, end, plain.replace(/^[0-9]/, "_"));
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
      errors.push({ start, end: start + 2, problem: problems.openComment() });
    } else if (errors.at(-1)?.end !== start || errors.at(-1)?.problem.code !== problems.badCharacter.code) {
      report(problems.badCharacter(groups.other!));
    } else {
      errors[errors.length - 1] = { ...errors.at(-1)!, end };
    }
  }
  return { tokens, errors, length: text.length };
}

/**
 * The text that the parser reads. Behind a token stand the closing braces that are `inserted` there, in the gap that
 * follows it; in front of one that is `separated` stands a separator.
 */
export function renderForParser(
  { tokens, length }: ScanResult,
  inserted: ReadonlyMap<Token, readonly Token[]>,
  separated: (i: number) => boolean,
): string {
  const parts: string[] = [];
  let at = 0;
  for (const [i, token] of tokens.entries()) {
    const gap = " ".repeat(token.start - at);
    parts.push(
      gap !== "" && separated(i) ? gap.slice(1) + ";" : gap,
      token.parserText === "" ? " ".repeat(token.end - token.start) : token.parserText,
    );
    at = token.end;
    const closers = "}".repeat(inserted.get(token)?.filter(({ parserText }) => parserText !== "").length ?? 0);
    parts.push(closers);
    at += closers.length;
  }
  if (at < length) parts.push(" ".repeat(length - at));
  return parts.join("");
}
