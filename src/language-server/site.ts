// Where in a scenario a cursor stands, told from the words in front of it: what is being written is seldom a correct
// text, and what stands before it in the file may have mistakes of its own.

import { scan, type Token } from "../scenario/syntax/scan.ts";
import { beginsDeclaration } from "../scenario/syntax/structure.ts";
import { isHandy } from "./lexer.ts";
import { isNewStatement } from "./mend.ts";

export interface Site {
  /** Where the word begins that is being written; the cursor if none is. */
  readonly start: number;
  /** The words of the declaration around it, up to where its body begins; empty between declarations. */
  readonly head: readonly Token[];
  /** The heads of the blocks around it, outermost first, the declaration's own among them. */
  readonly blocks: readonly (readonly Token[])[];
  /** The words of the statement it stands in (in no block: of the declaration) in front of it. */
  readonly statement: readonly Token[];
  /** Is it the first on its line? */
  readonly first: boolean;
  /** Variables of `let` in front of it in the same declaration. */
  readonly lets: ReadonlySet<string>;
}

/** The site at `offset`, or undefined within a comment, a text, or a number, or where there is no scenario. */
export function siteAt(text: string, offset: number): Site | undefined {
  if (!isHandy(text)) return undefined;
  const before = text.slice(0, offset);
  const { tokens, found } = scan(before);
  if (found.some(({ end, problem }) => (problem.code === "VMSCN004" && end === offset) || problem.code === "VMSCN005")) return undefined;
  if (/\/\/[^\n\r]*$/.test(before.slice(tokens.at(-1)?.end ?? 0))) return undefined;
  const length = written(tokens, offset);
  const start = tokens[tokens.length - length]?.start ?? offset;
  if (length > 0 && tokens.at(-1)!.kind === "number" && tokens.at(-length - 1)?.text !== "kernel") return undefined;
  tokens.length -= length;
  const first = tokens.length === 0 || /[\n\r]/.test(before.slice(tokens.at(-1)!.end, start));
  return siteAfter(tokens, start, first);
}

/** How many of the last tokens are the word that is being written: one at most, but the names of kernels consist of several. */
function written(tokens: readonly Token[], offset: number): number {
  let length = 0;
  for (let at = offset; tokens.at(-length - 1)?.end === at; length++) at = tokens.at(-length - 1)!.start;
  if (tokens.at(-length - 1)?.text === "kernel") return length;
  const { kind, text } = tokens.at(-1) ?? {};
  return length > 0 && (kind === "word" || kind === "number" || /^\w+$/.test(text!)) ? 1 : 0;
}

interface Block {
  /** Where its head begins and its '{' stands. */
  readonly from: number;
  readonly brace: number;
}

function siteAfter(tokens: readonly Token[], start: number, first: boolean): Site {
  // A word that is still missing must not keep the one before it from beginning a declaration.
  const word: Token = { kind: "word", start, end: start, first, text: "", shown: "" };
  const all = [...tokens, word];
  let begin = tokens.length - 1;
  while (begin > 0 && !beginsDeclaration(all, begin)) begin--;
  begin = Math.max(begin, 0);

  const blocks: Block[] = [];
  const lets = new Set<string>();
  let from = begin;
  let brackets = 0;
  let head: readonly Token[] | undefined;
  for (let i = begin; i < tokens.length; i++) {
    const { text } = tokens[i]!;
    if (i > from && isNewStatement(all, i, brackets)) [from, brackets] = [i, 0];
    if (text === "{") {
      head ??= tokens.slice(begin, i);
      blocks.push({ from, brace: i });
      [from, brackets] = [i + 1, 0];
    } else if (text === "}") {
      blocks.pop();
      [from, brackets] = [i + 1, 0];
      if (blocks.length === 0) [begin, head] = [i + 1, undefined];
    } else if (text === "(" || text === "[") {
      brackets++;
    } else if (text === ")" || text === "]") {
      brackets = Math.max(0, brackets - 1);
    }
    if (text === "let" && tokens[i + 1] !== undefined) lets.add(tokens[i + 1]!.text);
  }
  return {
    start,
    head: head ?? tokens.slice(begin),
    blocks: blocks.map((block) => tokens.slice(block.from, block.brace + 1)),
    statement: tokens.slice(from),
    first,
    lets,
  };
}

/** A short text that leaves the grammar where the scenario does at this site. */
export function shortened({ blocks, statement }: Site): string {
  return [...blocks.flat(), ...statement].map((token) => token.shown).join(" ");
}

/** What kind of body a site is in; `head`: in none. */
export type Place = "head" | "machine" | "explore" | "setup" | "task" | "trigger";

const PLACES: Readonly<Record<string, Place>> = { machine: "machine", explore: "explore", process: "setup", task: "task", on: "trigger" };

/** Where a site is; a body whose head cannot be read is taken for a task. */
export function placeOf({ head, blocks }: Site): Place {
  return blocks.length === 0 ? "head" : (PLACES[head[0]?.text ?? ""] ?? "task");
}

/** The call whose arguments are being written. */
export interface OpenCall {
  readonly name: string;
  /** The word in front of the name, if it is not the first. */
  readonly introducer: string | undefined;
  /** Which argument, from 0, and its words so far, without its name. */
  readonly index: number;
  readonly argument: readonly Token[];
  /** The names of the arguments that have one; null for this one if it has none. */
  readonly named: string | null;
  readonly given: readonly string[];
}

/** The innermost open bracket of a statement: a call's, or another one. */
export function openBracket(statement: readonly Token[]): { readonly opener: Token; readonly call: OpenCall | undefined } | undefined {
  const commas: number[] = [];
  let depth = 0;
  for (let i = statement.length - 1; i >= 0; i--) {
    const { text } = statement[i]!;
    if (text === ")" || text === "]") depth++;
    else if (text === "," && depth === 0) commas.unshift(i);
    else if ((text === "(" || text === "[") && --depth < 0) return { opener: statement[i]!, call: openCall(statement, i, commas) };
  }
  return undefined;
}

function openCall(statement: readonly Token[], opener: number, commas: readonly number[]): OpenCall | undefined {
  const name = statement[opener - 1];
  if (statement[opener]!.text !== "(" || name?.kind !== "word") return undefined;
  const starts = [opener, ...commas].map((i) => i + 1);
  const nameAt = (i: number) => (statement[i]?.kind === "word" && statement[i + 1]?.text === ":" ? statement[i]!.text : null);
  const begin = starts.at(-1)!;
  const named = nameAt(begin);
  return {
    name: name.text,
    introducer: statement[opener - 2]?.text,
    index: starts.length - 1,
    argument: statement.slice(named === null ? begin : begin + 2),
    named,
    given: starts.map(nameAt).filter((given) => given !== null),
  };
}

/** The names in front of a '.' or '->' that ends `statement`, without indexes; undefined if it does not end so. */
export function openPath(statement: readonly Token[]): string[] | undefined {
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
    if (token?.kind !== "word") return undefined;
    path.unshift(token.text);
  }
  return path.length === 0 ? undefined : path;
}
