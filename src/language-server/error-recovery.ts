// Error recovery before the grammar sees an incomplete text: closes unclosed brackets, and hides lines that are no statements.
// For either, the recovery of the parser would skip much of the rest. Unlike that of parseScenario, this recovery keeps
// incomplete constructs: `V = mmap(data,` still declares V.

import { callsByName } from "../scenario/catalogue/index.ts";
import type { Token } from "../scenario/syntax/scanner.ts";
import { beginsDeclaration, beginsStatement } from "../scenario/syntax/synchronization.ts";

const CLOSER_OF: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const CLOSERS: ReadonlySet<string> = new Set(Object.values(CLOSER_OF));

/** Keywords behind which an expression follows, on the same line or the next. */
const EXPRESSION_KEYWORDS = new Set(["let", "repeat", "every", "for", "if"]);

/** Keywords that begin the head of a block within a body. A block with another head is hidden, braces and all. */
const BLOCK_KEYWORDS = new Set(["repeat", "every", "if"]);

interface Bracket {
  readonly text: string;
  readonly hidden: boolean;
}

/** Sets the `parserText` of each token. Returns the closing brackets that are to be inserted, by the token that they follow. */
export function repairTokens(tokens: readonly Token[]): ReadonlyMap<Token, string> {
  const closersAfter = new Map<Token, string>();
  const open: Bracket[] = [];
  let takesStatements = false;
  let hiding = false;
  let headed = false;
  /** Closes the brackets above `level`, in front of token `i`. */
  const close = (level: number, i: number) => {
    const closers = open
      .splice(level)
      .reverse()
      .map(({ text, hidden }) => (hidden ? "" : CLOSER_OF[text]!))
      .join("");
    if (closers !== "") closersAfter.set(tokens[i - 1]!, (closersAfter.get(tokens[i - 1]!) ?? "") + closers);
  };
  for (const [i, token] of tokens.entries()) {
    if (beginsDeclaration(tokens, i)) close(0, i);
    if (isNewStatement(tokens, i, 1)) hideDanglingOperators(tokens, i);
    const inner = open.findLastIndex(({ text }) => text === "{") + 1;
    if (isBrace(token) || isNewStatement(tokens, i, open.length - inner)) close(inner, i);
    if (token.startsLine) {
      hiding =
        inner > 0 &&
        inner === open.length &&
        takesStatements &&
        token.kind === "identifier" &&
        !beginsStatement(tokens, i) &&
        !continuesLine(tokens, i);
    }
    if (BLOCK_KEYWORDS.has(token.text)) headed = true;
    if (token.text === "{" && inner > 0 && takesStatements && !headed) hiding = true;
    if (token.text === "{" && inner === 0) takesStatements = !["machine", "explore"].includes(tokens[i - 1]?.text ?? "");
    if (CLOSERS.has(token.text)) {
      // A superfluous one is hidden, a wrong one replaced by the right one.
      const bracket = token.text !== "}" && open.length === inner ? undefined : open.pop();
      token.parserText = bracket === undefined || bracket.hidden ? "" : CLOSER_OF[bracket.text]!;
    } else if (hiding) {
      token.parserText = "";
    }
    if (CLOSER_OF[token.text] !== undefined) open.push({ text: token.text, hidden: hiding });
    if (isBrace(token)) [hiding, headed] = [false, false];
  }
  close(0, tokens.length);
  return closersAfter;
}

/** Hides operators without an operand at the end of the statement before token `i`. */
function hideDanglingOperators(tokens: readonly Token[], i: number): void {
  for (let j = i - 1; j >= 0 && tokens[j]!.kind === "symbol" && !/^[()[\]{}]$/.test(tokens[j]!.text); j--) tokens[j]!.parserText = "";
}

/**
 * The offsets of the tokens to skip if the parser fails at the one at `offset`: from there to the end of the line; if a line
 * or a block begins there, the incomplete construct before it.
 */
export function tokensToSkip(tokens: readonly Token[], offset: number): number[] {
  const at = tokens.findIndex((token) => token.start === offset);
  if (at < 0) return [];
  const isLine = (i: number) => tokens[i]!.startsLine && !continuesLine(tokens, i);
  let start = at;
  if (tokens[at]!.text === "{" || (isLine(at) && tokens[at]!.kind === "identifier")) {
    while (start > 0 && !isBrace(tokens[start - 1]!) && (start === at || !isLine(start))) start--;
  }
  let end = Math.max(at, start + 1);
  if (start === at) while (end < tokens.length && !isBrace(tokens[end]!) && !isLine(end)) end++;
  const block = tokens.slice(start, end);
  // Heads of declarations are left to the recovery of the parser, which keeps their bodies.
  return block.some(isBrace) || beginsDeclaration(tokens, start) ? [] : block.map((token) => token.start);
}

function isBrace({ text }: Token): boolean {
  return text === "{" || text === "}";
}

/** Does a statement begin with token `i`, although `brackets` of the one before may be unclosed? */
export function isNewStatement(tokens: readonly Token[], i: number, brackets: number): boolean {
  if (!beginsStatement(tokens, i)) return false;
  return brackets === 0 || tokens[i + 1]?.text !== "(" || callsByName.has(tokens[i]!.text);
}

/** Does token `i`, the first on its line, continue the construct before it? */
function continuesLine(tokens: readonly Token[], i: number): boolean {
  const before = tokens[i - 1];
  if (before === undefined || tokens[i]!.text === "for" || EXPRESSION_KEYWORDS.has(before.text)) return true;
  return before.kind === "symbol" && before.text !== "{" && !CLOSERS.has(before.text);
}
