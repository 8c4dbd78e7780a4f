// What can be told about a text without its grammar: where declarations and statements begin, and which brackets belong
// together. It keeps one mistake from spreading: brackets are made to match before the grammar sees them.

import { problems } from "../program/diagnostics.ts";
import type { Found, Scan, Token } from "./scan.ts";

export const DECLARATIONS: readonly string[] = ["kernel", "machine", "explore", "file", "process", "task", "on", "force", "check", "expect"];
const STATEMENTS = new Set(["repeat", "every", "if", "let", "stop"]);
const CLOSER: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const OPENER: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** Brackets, or prefix operators, may be nested this deep, and this many operators may follow one another in one expression. */
const MAX_DEPTH = 100;
const MAX_OPERATORS = 1_000;

/** Does a declaration begin with this token, as far as one can tell from the line it stands on? */
export function beginsDeclaration(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i]!;
  if (!token.first || !DECLARATIONS.includes(token.text)) return false;
  const next = tokens[i + 1];
  if (next === undefined || next.first) return false;
  if (token.text === "machine" || token.text === "explore") return next.text === "{";
  // A task's clause may begin a line.
  if (token.text === "on" && next.text === "cpu") return false;
  return next.kind !== "symbol";
}

/** Does a statement or declaration begin with this token? */
export function beginsStatement(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i]!;
  if (!token.first || token.kind !== "word") return false;
  return STATEMENTS.has(token.text) || ["(", "="].includes(tokens[i + 1]?.text ?? "") || beginsDeclaration(tokens, i);
}

/** A text too deep for recursive functions, told before one of them sees it. */
export function tooComplex({ tokens }: Scan): Found | null {
  let depth = 0;
  let operators = 0;
  let prefixes = 0;
  let operand = false;
  for (const { kind, text, start, end } of tokens) {
    if (CLOSER[text] !== undefined) depth++;
    else if (OPENER[text] !== undefined) depth = Math.max(0, depth - 1);
    if (kind !== "symbol") {
      if (operand) operators = 0;
      operand = true;
      prefixes = 0;
    } else if (text === "{" || text === "}") {
      operators = 0;
      operand = false;
      prefixes = 0;
    } else if (text === ")" || text === "]") {
      operand = true;
    } else {
      operators++;
      prefixes = operand ? 0 : prefixes + 1;
      operand = false;
    }
    const limit =
      depth > MAX_DEPTH ? `more than ${MAX_DEPTH} brackets inside one another`
      : prefixes > MAX_DEPTH ? `more than ${MAX_DEPTH} operators without an operand`
      : operators > MAX_OPERATORS ? `more than ${MAX_OPERATORS} operators in one expression`
      : null;
    if (limit !== null) return { start, end, problem: problems.tooComplex(limit) };
  }
  return null;
}

export interface Brackets {
  readonly found: Found[];
  /** Braces that are never closed, by the token behind which a '}' stands in for each: as long as the brace itself is there. */
  readonly inserted: ReadonlyMap<Token, readonly Token[]>;
  /** Names that stood in text that was blanked out. */
  readonly lost: Set<string>;
  /** Closing brackets too many, by token: blanked. A syntax error around one is what it came from. */
  readonly stray: Map<number, Found>;
}

/**
 * Makes every bracket match, one declaration at a time: a missing '}' is put where the declaration ends, and a statement
 * with any other bracket left open is blanked out.
 */
export function matchBrackets(tokens: readonly Token[]): Brackets {
  const matcher = new Matcher(tokens);
  for (let i = 0; i < tokens.length; i++) {
    if (i > matcher.begin && beginsDeclaration(tokens, i)) matcher.endDeclaration(i);
    matcher.take(i);
  }
  matcher.endDeclaration(tokens.length);
  return matcher;
}

/** Goes from token to token, and knows which brackets are open. */
class Matcher implements Brackets {
  readonly found: Found[] = [];
  readonly inserted = new Map<Token, readonly Token[]>();
  readonly lost = new Set<string>();
  readonly stray = new Map<number, Found>();
  /** Where this declaration begins. */
  begin = 0;
  /** The brackets of it that are open, outermost first. */
  private open: number[] = [];

  constructor(private readonly tokens: readonly Token[]) {}

  /** The declaration ends before token `at`, and another one begins there. */
  endDeclaration(at: number): void {
    this.giveUp(0, at);
    this.begin = at;
    this.open = [];
  }

  take(i: number): void {
    const { tokens } = this;
    const token = tokens[i]!;
    if (token.shown === "") return;
    if (CLOSER[token.text] !== undefined) this.open.push(i);
    else if (OPENER[token.text] !== undefined) this.close(i);
  }

  /** Token `i` closes a bracket: one that is open, one of another kind, or none. */
  private close(i: number): void {
    const { tokens } = this;
    const token = tokens[i]!;
    const level = this.open.findLastIndex((o) => tokens[o]!.text === OPENER[token.text]);
    const top = this.open.at(-1);
    if (level >= 0) {
      // What was opened since and is still open has no end.
      this.giveUp(level + 1, i);
      this.open = this.open.slice(0, level).filter((o) => tokens[o]!.shown !== "");
    } else if (top !== undefined && token.text !== "}" && tokens[top]!.text !== "{" && nextCloser(tokens, i) !== CLOSER[tokens[top]!.text]) {
      const expected = CLOSER[tokens[top]!.text]!;
      this.found.push({ start: token.start, end: token.end, problem: problems.wrongBracket(token.text, expected) });
      token.shown = expected;
      this.open.pop();
    } else {
      this.stray.set(i, { start: token.start, end: token.end, problem: problems.strayBracket(token.text) });
      token.shown = "";
    }
  }

  /** The brackets opened above position `level` are not closed before token `at`. */
  private giveUp(level: number, at: number): void {
    const { tokens, begin, lost } = this;
    const left = this.open.splice(level);
    if (left.length === 0) return;
    const inner = left.find((i) => tokens[i]!.text !== "{");
    const { start, end, text } = tokens[inner ?? left[0]!]!;
    this.found.push({ start, end, problem: problems.openBracket(text, CLOSER[text]!) });
    if (inner !== undefined) {
      let next = at;
      while (next < tokens.length && !beginsDeclaration(tokens, next)) next++;
      blank(tokens, ...unit(tokens, inner, begin, next), lost);
    }
    this.closeBehind(left.map((i) => tokens[i]!).filter(({ shown }) => shown !== ""), at);
  }

  /** Has these braces closed before token `at`, or blanks the declaration if there is no room for that. */
  private closeBehind(missing: readonly Token[], at: number): void {
    if (missing.length === 0) return;
    const { tokens, inserted } = this;
    const before = tokens[at - 1]!;
    const standing = inserted.get(before) ?? [];
    const room = (tokens[at]?.start ?? Infinity) - before.end - standing.length;
    if (missing.length <= room) inserted.set(before, [...standing, ...missing]);
    else blank(tokens, this.begin, at, this.lost);
  }
}

/** The bracket that follows next on the line, if it is a closing one. */
function nextCloser(tokens: readonly Token[], i: number): string | undefined {
  for (let j = i + 1; j < tokens.length && !tokens[j]!.first; j++) {
    const { text } = tokens[j]!;
    if (CLOSER[text] !== undefined) return undefined;
    if (OPENER[text] !== undefined) return text;
  }
  return undefined;
}

/**
 * The tokens [from, to) of the statement or declaration head around token `i`, with the block that hangs on it, as far
 * as one can tell from lines and brackets. It stays within the declaration [begin, end).
 */
export function unit(tokens: readonly Token[], i: number, begin: number, end: number): [from: number, to: number] {
  let from = i;
  while (from > begin && !isBrace(tokens[from - 1]!)) from--;
  for (let j = from, depth = 0; j <= i; j++) {
    if (depth === 0 && beginsStatement(tokens, j)) from = j;
    const { shown } = tokens[j]!;
    if (shown === "(" || shown === "[") depth++;
    else if (shown === ")" || shown === "]") depth--;
  }
  let braces = 0;
  let to = from;
  while (to < end) {
    const { shown } = tokens[to]!;
    if (to > i && braces === 0 && (shown === "}" || beginsAnew(tokens, to))) break;
    to++;
    if (shown === "{") braces++;
    else if (shown === "}" && --braces <= 0) break;
  }
  return [from, to];
}

/** Is this token, the first on its line, not the continuation of the line before? */
function beginsAnew(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i]!;
  if (!token.first || token.kind === "symbol") return false;
  const before = tokens[i - 1];
  return beginsStatement(tokens, i) || before === undefined || before.kind !== "symbol" || OPENER[before.text] !== undefined;
}

function isBrace({ shown }: Token): boolean {
  return shown === "{" || shown === "}";
}

/** Hides the tokens [from, to) from the parser. */
export function blank(tokens: readonly Token[], from: number, to: number, lost: Set<string>): void {
  for (let j = from; j < to; j++) {
    const token = tokens[j]!;
    token.shown = "";
    if (token.kind === "word") lost.add(token.text);
  }
}
