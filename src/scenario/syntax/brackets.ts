// Checks and repairs the bracket structure of a text before the grammar sees it, so that an unclosed bracket costs one
// diagnostic, and bounds the depth of its nesting.

import { problems } from "../program/diagnostics.ts";
import type { LocatedProblem, ScanResult, Token } from "./scanner.ts";
import { beginsDeclaration, enclosingConstruct, skipTokens } from "./synchronization.ts";

const CLOSER_OF: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const OPENER_OF: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** Brackets, or prefix operators, may be nested this deep, and this many operators may follow one another in one expression. */
const MAX_DEPTH = 100;
const MAX_OPERATORS = 1_000;

/** The first token at which the text is nested too deeply for recursive functions, or an expression is too long; null if there is none. */
export function findComplexityError({ tokens }: ScanResult): LocatedProblem | null {
  let depth = 0;
  let operators = 0;
  let prefixes = 0;
  let operand = false;
  for (const { kind, text, start, end } of tokens) {
    if (CLOSER_OF[text] !== undefined) depth++;
    else if (OPENER_OF[text] !== undefined) depth = Math.max(0, depth - 1);
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
      depth > MAX_DEPTH
        ? `more than ${MAX_DEPTH} brackets inside one another`
        : prefixes > MAX_DEPTH
          ? `more than ${MAX_DEPTH} operators without an operand`
          : operators > MAX_OPERATORS
            ? `more than ${MAX_OPERATORS} operators in one expression`
            : null;
    if (limit !== null) return { start, end, problem: problems.tooComplex(limit) };
  }
  return null;
}

export interface BracketMatch {
  readonly errors: LocatedProblem[];
  /** Unclosed braces, by the token behind which a '}' is inserted for each. A skipped brace needs none. */
  readonly inserted: ReadonlyMap<Token, readonly Token[]>;
  /** Names in skipped text. */
  readonly skippedNames: Set<string>;
  /** Superfluous closing brackets, by token: the parser does not see them. A syntax error around one explains it. */
  readonly stray: Map<number, LocatedProblem>;
}

/**
 * Makes every bracket match, one declaration at a time: a missing '}' is inserted at the end of the declaration, and a
 * statement with another unclosed bracket is skipped.
 */
export function matchBrackets(tokens: readonly Token[]): BracketMatch {
  const matcher = new BracketMatcher(tokens);
  for (let i = 0; i < tokens.length; i++) {
    if (i > matcher.declarationStart && beginsDeclaration(tokens, i)) matcher.endDeclaration(i);
    matcher.visit(i);
  }
  matcher.endDeclaration(tokens.length);
  return matcher;
}

/** Visits the tokens in order, and keeps the stack of open brackets. */
class BracketMatcher implements BracketMatch {
  readonly errors: LocatedProblem[] = [];
  readonly inserted = new Map<Token, readonly Token[]>();
  readonly skippedNames = new Set<string>();
  readonly stray = new Map<number, LocatedProblem>();
  /** The first token of the declaration. */
  declarationStart = 0;
  /** The open brackets of the declaration, outermost first. */
  private open: number[] = [];

  constructor(private readonly tokens: readonly Token[]) {}

  /** The declaration ends before token `at`, and another one begins there. */
  endDeclaration(at: number): void {
    this.reportUnclosed(0, at);
    this.declarationStart = at;
    this.open = [];
  }

  visit(i: number): void {
    const { tokens } = this;
    const token = tokens[i]!;
    if (token.parserText === "") return;
    if (CLOSER_OF[token.text] !== undefined) this.open.push(i);
    else if (OPENER_OF[token.text] !== undefined) this.close(i);
  }

  /** Token `i` is a closing bracket: of an open one, of one of another shape, or superfluous. */
  private close(i: number): void {
    const { tokens } = this;
    const token = tokens[i]!;
    const level = this.open.findLastIndex((o) => tokens[o]!.text === OPENER_OF[token.text]);
    const top = this.open.at(-1);
    if (level >= 0) {
      // The brackets that were opened inside it are unclosed.
      this.reportUnclosed(level + 1, i);
      this.open = this.open.slice(0, level).filter((o) => tokens[o]!.parserText !== "");
    } else if (
      top !== undefined &&
      token.text !== "}" &&
      tokens[top]!.text !== "{" &&
      nextCloser(tokens, i) !== CLOSER_OF[tokens[top]!.text]
    ) {
      const expected = CLOSER_OF[tokens[top]!.text]!;
      this.errors.push({ start: token.start, end: token.end, problem: problems.wrongBracket(token.text, expected) });
      token.parserText = expected;
      this.open.pop();
    } else {
      this.stray.set(i, { start: token.start, end: token.end, problem: problems.strayBracket(token.text) });
      token.parserText = "";
    }
  }

  /** Reports that the open brackets above `level` are not closed before token `at`. */
  private reportUnclosed(level: number, at: number): void {
    const { tokens, declarationStart, skippedNames } = this;
    const left = this.open.splice(level);
    if (left.length === 0) return;
    const inner = left.find((i) => tokens[i]!.text !== "{");
    const { start, end, text } = tokens[inner ?? left[0]!]!;
    this.errors.push({ start, end, problem: problems.openBracket(text, CLOSER_OF[text]!) });
    if (inner !== undefined) {
      let next = at;
      while (next < tokens.length && !beginsDeclaration(tokens, next)) next++;
      skipTokens(tokens, ...enclosingConstruct(tokens, inner, declarationStart, next), skippedNames);
    }
    this.insertClosers(
      left.map((i) => tokens[i]!).filter(({ parserText }) => parserText !== ""),
      at,
    );
  }

  /** Inserts a closing brace for each of these before token `at`, or skips the declaration if the gap is too small. */
  private insertClosers(missing: readonly Token[], at: number): void {
    if (missing.length === 0) return;
    const { tokens, inserted } = this;
    const before = tokens[at - 1]!;
    const standing = inserted.get(before) ?? [];
    const room = (tokens[at]?.start ?? Infinity) - before.end - standing.length;
    if (missing.length <= room) inserted.set(before, [...standing, ...missing]);
    else skipTokens(tokens, this.declarationStart, at, this.skippedNames);
  }
}

/** The next bracket on the line, if it is a closing one. */
function nextCloser(tokens: readonly Token[], i: number): string | undefined {
  for (let j = i + 1; j < tokens.length && !tokens[j]!.startsLine; j++) {
    const { text } = tokens[j]!;
    if (CLOSER_OF[text] !== undefined) return undefined;
    if (OPENER_OF[text] !== undefined) return text;
  }
  return undefined;
}
