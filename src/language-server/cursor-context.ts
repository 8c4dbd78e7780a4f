// The syntactic context of the cursor, from the tokens in front of it: the text being written is seldom correct, and the text
// before it may have errors of its own.

import { scan, type Token } from "../scenario/syntax/scanner.ts";
import { beginsDeclaration } from "../scenario/syntax/synchronization.ts";
import { isWithinSizeLimit } from "./lexer.ts";
import { isNewStatement } from "./error-recovery.ts";

export interface CursorContext {
  /** The offset of the partial token at the cursor; that of the cursor if there is none. */
  readonly start: number;
  /** The tokens of the enclosing declaration, up to its body; empty between declarations. */
  readonly head: readonly Token[];
  /** The heads of the enclosing blocks, outermost first, that of the declaration among them. */
  readonly blocks: readonly (readonly Token[])[];
  /** The tokens of the enclosing statement (in no block: of the declaration) in front of it. */
  readonly statement: readonly Token[];
  /** Does it begin a line? */
  readonly startsLine: boolean;
  /** Variables of `let` in front of it in the same declaration. */
  readonly lets: ReadonlySet<string>;
}

/** The context of a cursor at `offset`; undefined within a comment, a text or a number, or if `text` is too large. */
export function cursorContextAt(text: string, offset: number): CursorContext | undefined {
  if (!isWithinSizeLimit(text)) return undefined;
  const before = text.slice(0, offset);
  const { tokens, errors } = scan(before);
  if (errors.some(({ end, problem }) => (problem.code === "VMSCN004" && end === offset) || problem.code === "VMSCN005")) return undefined;
  if (/\/\/[^\n\r]*$/.test(before.slice(tokens.at(-1)?.end ?? 0))) return undefined;
  const length = partialTokenCount(tokens, offset);
  const start = tokens[tokens.length - length]?.start ?? offset;
  if (length > 0 && tokens.at(-1)!.kind === "number" && tokens.at(-length - 1)?.text !== "kernel") return undefined;
  tokens.length -= length;
  const startsLine = tokens.length === 0 || /[\n\r]/.test(before.slice(tokens.at(-1)!.end, start));
  return contextAfter(tokens, start, startsLine);
}

/** The number of tokens at the end that are the partial token: at most one, but the names of kernels consist of several. */
function partialTokenCount(tokens: readonly Token[], offset: number): number {
  let length = 0;
  for (let at = offset; tokens.at(-length - 1)?.end === at; length++) at = tokens.at(-length - 1)!.start;
  if (tokens.at(-length - 1)?.text === "kernel") return length;
  const { kind, text } = tokens.at(-1) ?? {};
  return length > 0 && (kind === "identifier" || kind === "number" || /^\w+$/.test(text!)) ? 1 : 0;
}

interface Block {
  /** Where its head begins and its '{' stands. */
  readonly from: number;
  readonly brace: number;
}

function contextAfter(tokens: readonly Token[], start: number, startsLine: boolean): CursorContext {
  // The keyword before a missing token begins a declaration, too.
  const partialToken: Token = { kind: "identifier", start, end: start, startsLine, text: "", parserText: "" };
  const all = [...tokens, partialToken];
  let declarationStart = tokens.length - 1;
  while (declarationStart > 0 && !beginsDeclaration(all, declarationStart)) declarationStart--;
  declarationStart = Math.max(declarationStart, 0);

  const blocks: Block[] = [];
  const lets = new Set<string>();
  let statementStart = declarationStart;
  let brackets = 0;
  let head: readonly Token[] | undefined;
  for (let i = declarationStart; i < tokens.length; i++) {
    const { text } = tokens[i]!;
    if (i > statementStart && isNewStatement(all, i, brackets)) [statementStart, brackets] = [i, 0];
    if (text === "{") {
      head ??= tokens.slice(declarationStart, i);
      blocks.push({ from: statementStart, brace: i });
      [statementStart, brackets] = [i + 1, 0];
    } else if (text === "}") {
      blocks.pop();
      [statementStart, brackets] = [i + 1, 0];
      if (blocks.length === 0) [declarationStart, head] = [i + 1, undefined];
    } else if (text === "(" || text === "[") {
      brackets++;
    } else if (text === ")" || text === "]") {
      brackets = Math.max(0, brackets - 1);
    }
    if (text === "let" && tokens[i + 1] !== undefined) lets.add(tokens[i + 1]!.text);
  }
  return {
    start,
    head: head ?? tokens.slice(declarationStart),
    blocks: blocks.map((block) => tokens.slice(block.from, block.brace + 1)),
    statement: tokens.slice(statementStart),
    startsLine,
    lets,
  };
}

/** A short text after which the grammar is in the same state as at the cursor. */
export function parserPrefix({ blocks, statement }: CursorContext): string {
  return [...blocks.flat(), ...statement].map((token) => token.parserText).join(" ");
}

/** The kind of body around the cursor; `head`: there is none. */
export type BodyContext = "head" | "machine" | "explore" | "setup" | "task" | "trigger";

const BODY_CONTEXTS: Readonly<Record<string, BodyContext>> = {
  machine: "machine",
  explore: "explore",
  process: "setup",
  task: "task",
  on: "trigger",
};

/** The kind of body around the cursor; a body with an unreadable head counts as that of a task. */
export function bodyContextOf({ head, blocks }: CursorContext): BodyContext {
  return blocks.length === 0 ? "head" : (BODY_CONTEXTS[head[0]?.text ?? ""] ?? "task");
}

/** The call whose arguments the user is writing. */
export interface EnclosingCall {
  readonly name: string;
  /** The token in front of the name, if there is one. */
  readonly introducer: string | undefined;
  /** The index of the argument, from 0, and its tokens so far, without its name. */
  readonly index: number;
  readonly argument: readonly Token[];
  /** The name of this argument, or null; and the names of all named arguments. */
  readonly argumentName: string | null;
  readonly namedArguments: readonly string[];
}

/** The innermost unclosed bracket of a statement: that of a call, or another one. */
export function innermostBracket(
  statement: readonly Token[],
): { readonly opener: Token; readonly call: EnclosingCall | undefined } | undefined {
  const commas: number[] = [];
  let depth = 0;
  for (let i = statement.length - 1; i >= 0; i--) {
    const { text } = statement[i]!;
    if (text === ")" || text === "]") depth++;
    else if (text === "," && depth === 0) commas.unshift(i);
    else if ((text === "(" || text === "[") && --depth < 0) return { opener: statement[i]!, call: enclosingCall(statement, i, commas) };
  }
  return undefined;
}

function enclosingCall(statement: readonly Token[], opener: number, commas: readonly number[]): EnclosingCall | undefined {
  const name = statement[opener - 1];
  if (statement[opener]!.text !== "(" || name?.kind !== "identifier") return undefined;
  const starts = [opener, ...commas].map((i) => i + 1);
  const nameAt = (i: number) => (statement[i]?.kind === "identifier" && statement[i + 1]?.text === ":" ? statement[i]!.text : null);
  const begin = starts.at(-1)!;
  const argumentName = nameAt(begin);
  return {
    name: name.text,
    introducer: statement[opener - 2]?.text,
    index: starts.length - 1,
    argument: statement.slice(argumentName === null ? begin : begin + 2),
    argumentName,
    namedArguments: starts.map(nameAt).filter((given) => given !== null),
  };
}

/** The names in front of a '.' or '->' that ends `statement`, without indexes; undefined if it does not end so. */
export function memberPath(statement: readonly Token[]): string[] | undefined {
  const path: string[] = [];
  let i = statement.length;
  while (i > 0 && (statement[i - 1]!.text === "." || statement[i - 1]!.text === "->")) {
    i -= 2;
    for (let depth = 0; i >= 0 && (depth > 0 || statement[i]!.text === "]"); i--) {
      if (statement[i]!.text === "]") depth++;
      else if (statement[i]!.text === "[" && --depth === 0) {
        i--;
        break;
      }
    }
    const token = statement[i];
    if (token?.kind !== "identifier") return undefined;
    path.unshift(token.text);
  }
  return path.length === 0 ? undefined : path;
}
