// The synchronization points of error recovery: where declarations and statements begin, as far as the tokens tell without
// the grammar. They keep one syntax error from spreading beyond its construct.

import type { Token } from "./scanner.ts";

export const DECLARATION_KEYWORDS: readonly string[] = [
  "kernel",
  "machine",
  "explore",
  "file",
  "process",
  "task",
  "on",
  "force",
  "check",
  "expect",
];
const STATEMENT_KEYWORDS = new Set(["repeat", "every", "if", "let", "stop"]);

/** Does a declaration begin with this token, as far as its line tells? */
export function beginsDeclaration(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i]!;
  if (!token.startsLine || !DECLARATION_KEYWORDS.includes(token.text)) return false;
  const next = tokens[i + 1];
  if (next === undefined || next.startsLine) return false;
  if (token.text === "machine" || token.text === "explore") return next.text === "{";
  // The `on cpu` of a task may begin a line.
  if (token.text === "on" && next.text === "cpu") return false;
  return next.kind !== "symbol";
}

/** Does a statement or declaration begin with this token? */
export function beginsStatement(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i]!;
  if (!token.startsLine || token.kind !== "identifier") return false;
  return STATEMENT_KEYWORDS.has(token.text) || ["(", "="].includes(tokens[i + 1]?.text ?? "") || beginsDeclaration(tokens, i);
}

/**
 * The tokens [from, to) of the statement or declaration head around token `i`, and of its block, as far as lines and
 * brackets tell. They are within the declaration [begin, end).
 */
export function enclosingConstruct(tokens: readonly Token[], i: number, begin: number, end: number): [from: number, to: number] {
  let from = i;
  while (from > begin && !isBrace(tokens[from - 1]!)) from--;
  for (let j = from, depth = 0; j <= i; j++) {
    if (depth === 0 && beginsStatement(tokens, j)) from = j;
    const { parserText } = tokens[j]!;
    if (parserText === "(" || parserText === "[") depth++;
    else if (parserText === ")" || parserText === "]") depth--;
  }
  let braces = 0;
  let to = from;
  while (to < end) {
    const { parserText } = tokens[to]!;
    if (to > i && braces === 0 && (parserText === "}" || startsConstruct(tokens, to))) break;
    to++;
    if (parserText === "{") braces++;
    else if (parserText === "}" && --braces <= 0) break;
  }
  return [from, to];
}

/** Does this token begin a line that does not continue the one before? */
function startsConstruct(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i]!;
  if (!token.startsLine || token.kind === "symbol") return false;
  const before = tokens[i - 1];
  return beginsStatement(tokens, i) || before === undefined || before.kind !== "symbol" || isCloser(before);
}

function isBrace({ parserText }: Token): boolean {
  return parserText === "{" || parserText === "}";
}

/** Skips the tokens [from, to): the parser does not see them. */
export function skipTokens(tokens: readonly Token[], from: number, to: number, skippedNames: Set<string>): void {
  for (let j = from; j < to; j++) {
    const token = tokens[j]!;
    token.parserText = "";
    if (token.kind === "identifier") skippedNames.add(token.text);
  }
}

function isCloser({ text }: Token): boolean {
  return text === ")" || text === "]" || text === "}";
}
