// Parses a scenario so that one mistake gives one diagnostic. The parser stops at the first error; the statement or
// declaration around it is blanked out and the text is parsed again, as if it had never been there.

import { problems, quote, type Problem } from "../program/diagnostics.ts";
import type { Expression, Scenario } from "../generated/ast.ts";
import { suggest } from "../program/suggest.ts";
import { parse, type SyntaxError } from "./parser.ts";
import { render, scan, type Found, type Scan, type Token } from "./scan.ts";
import { beginsDeclaration, beginsStatement, blank, DECLARATIONS, matchBrackets, tooComplex, unit, type Brackets } from "./structure.ts";

/** Longer texts are refused unread; those of more words and signs than the parser takes a few seconds for, unparsed. */
const MAX_TEXT = 4 * 1024 * 1024;
const MAX_TOKENS = 200_000;
/** No more mistakes than this are looked for. */
const MAX_FOUND = 50;
/** How many characters may be parsed again in search of further mistakes. */
const MAX_REPARSED = 500_000;

export interface Syntax<T> {
  /** The tree of what could be parsed; undefined if the text was given up. */
  readonly tree: T | undefined;
  readonly found: readonly Found[];
  /** Names in text that the tree lacks: whether they are declared or used is not known. */
  readonly lost: ReadonlySet<string>;
}

/** Parses a whole scenario. */
export function parseText(text: string): Syntax<Scenario> {
  const refused = (problem: Problem, start = 0, end = 0) => ({ tree: undefined, found: [{ start, end, problem }], lost: new Set<string>() });
  if (text.length > MAX_TEXT) return refused(problems.tooLarge(text.length, "characters", MAX_TEXT));
  const nul = text.indexOf("\0");
  if (nul >= 0) return refused(problems.binary(), nul, nul + 1);
  const scanned = scan(text);
  if (scanned.tokens.length > MAX_TOKENS) return refused(problems.tooLarge(scanned.tokens.length, "words and signs", MAX_TOKENS));
  const complex = tooComplex(scanned);
  if (complex !== null) return refused(complex.problem, complex.start, complex.end);
  const brackets = matchBrackets(scanned.tokens);
  const found = [...scanned.found, ...brackets.found];
  if (found.length + brackets.stray.size > MAX_FOUND) {
    return { tree: undefined, found: [...found, ...brackets.stray.values()].slice(0, MAX_FOUND), lost: brackets.lost };
  }
  return parseRepeatedly(scanned, brackets, found);
}

function parseRepeatedly(scanned: Scan, brackets: Brackets, found: Found[]): Syntax<Scenario> {
  const { lost, stray } = brackets;
  const separated = (i: number) => beginsDeclaration(scanned.tokens, i);
  let budget = MAX_REPARSED;
  for (;;) {
    const parsed = parse(render(scanned, brackets.inserted, separated), "Scenario");
    if ("tree" in parsed) return { tree: parsed.tree, found: [...found, ...stray.values()].slice(0, MAX_FOUND), lost };
    const at = Math.min(parsed.error.offset, scanned.length);
    found.push(blankMistake(scanned.tokens, parsed.error, lost, stray));
    budget -= at;
    if (budget < 0 || found.length >= MAX_FOUND) {
      const last = found.at(-1)!;
      found.push({ start: last.start, end: last.end, problem: problems.moreMistakes() });
      return { tree: undefined, found, lost };
    }
  }
}

/** Parses one expression on its own. */
export function parseExpressionText(text: string): Syntax<Expression> {
  const lost = new Set<string>();
  if (text.length > MAX_TEXT) return { tree: undefined, found: [{ start: 0, end: 0, problem: problems.tooLarge(text.length, "characters", MAX_TEXT) }], lost };
  const scanned = scan(text);
  const complex = tooComplex(scanned);
  const brackets = matchBrackets(complex === null ? scanned.tokens : []);
  const first = complex ?? scanned.found[0] ?? brackets.found[0] ?? brackets.stray.values().next().value;
  if (first !== undefined) return { tree: undefined, found: [first], lost };
  const parsed = parse(render(scanned, new Map(), () => false), "Expression");
  if ("tree" in parsed) return { tree: parsed.tree, found: [], lost };
  const i = scanned.tokens.findIndex((token) => token.start >= parsed.error.offset);
  const token = scanned.tokens[i];
  const problem = problems.syntax(describeExpected(parsed.error), token === undefined ? "the end" : quote(token.text), "");
  return { tree: undefined, found: [{ start: token?.start ?? text.length, end: token?.end ?? text.length, problem }], lost };
}

/** Finds what a syntax error is about, blanks that out, and says what is wrong. */
function blankMistake(tokens: readonly Token[], error: SyntaxError, lost: Set<string>, stray: Map<number, Found>): Found {
  const index = tokens.findIndex((token) => token.start >= error.offset && token.shown !== "");
  const here = index < 0 ? tokens.length : index;
  let before = here - 1;
  while (before >= 0 && tokens[before]!.shown === "") before--;
  const blamed = before >= 0 && isUnfinished(tokens, here, error) ? before : Math.min(here, tokens.length - 1);

  let begin = blamed;
  while (begin > 0 && !beginsDeclaration(tokens, begin)) begin--;
  let end = blamed + 1;
  while (end < tokens.length && !beginsDeclaration(tokens, end)) end++;

  const problem = describe(tokens, here, blamed, error);
  // A '}' too many tells that a '{' is missing here: without it nothing in this declaration is where it belongs.
  const unbalanced = [...stray.keys()].some((i) => i >= begin && i < end && tokens[i]!.text === "}");
  const [from, to] = unbalanced ? [begin, end] : unit(tokens, blamed, begin, end);
  blank(tokens, from, to, lost);
  for (const i of stray.keys()) if (i >= from && i < to) stray.delete(i);
  return { start: tokens[blamed]!.start, end: tokens[blamed]!.end, problem };
}

/** Is the token that does not fit the beginning of something else, so that what stands before it was not finished? */
function isUnfinished(tokens: readonly Token[], here: number, { rules, expected }: SyntaxError): boolean {
  if (expected !== "{" && ["Block", "Statement", "Declaration", "Scenario", undefined].includes(rules.at(-1))) return here >= tokens.length;
  return here >= tokens.length || tokens[here]!.shown === "}" || beginsStatement(tokens, here);
}

/** How things are written, by the grammar rule that describes them. */
const FORMS: Readonly<Record<string, string>> = {
  KernelChoice: "kernel NAME",
  MachineBlock: "machine { NAME: VALUE … }",
  ExploreBlock: "explore { preemptions: N  ticks: N  steps: N }",
  FileDeclaration: "file NAME size SIZE [count N]",
  ProcessDeclaration: "process NAME [* N] { … }",
  TaskDeclaration: "task NAME in PROCESS on cpu N [priority P] [at TIME] { … }",
  Trigger: "on EVENT(OBJECT) [#N | where CONDITION] { … }",
  Force: "force need_lockbreak(LOCK) at N, FROM .. TO",
  Check: "check always|finally|never|after TASK CONDITION",
  Expectation: "expect bug CODE",
  Statement: "CALL(ARGUMENT, …), NAME = mmap(…), or let, if, repeat, every, stop",
  Repeat: "repeat N { … } or repeat forever { … }",
  Every: "every TIME for N { … }",
  If: "if CONDITION { … }",
  Let: "let NAME = VALUE",
  Assignment: "NAME = mmap(…)",
  Call: "NAME(ARGUMENT, name: ARGUMENT …)",
};

/** What is expected in a grammar rule when more than one token would do. */
const EXPECTED: Readonly<Record<string, string>> = {
  Statement: "a statement",
  Block: "a statement or '}'",
  Name: "a name",
  Word: "a word",
  HyphenWord: "a word",
  KernelName: "the name of a kernel",
  SettingValue: "a number or a word",
  NumberLiteral: "a number",
  Repeat: "a number or 'forever'",
  Check: "always, finally, never or after",
  MachineBlock: "a setting or '}'",
  ExploreBlock: "a setting or '}'",
  Setting: "a setting",
};
const TERMINALS: Readonly<Record<string, string>> = { NUMBER: "a number", TEXT: "a text", ID: "a name", EOF: "the end" };

function describe(tokens: readonly Token[], here: number, blamed: number, error: SyntaxError): Problem {
  const found = tokens[here];
  const rule = error.rules.at(-1);
  if (rule === undefined && found?.kind === "word" && found.first) {
    return problems.unknownDeclaration(found.text, "", suggest(found.text, DECLARATIONS));
  }
  // The forms of what surrounds the innermost block have nothing to do with a mistake inside it.
  const inner = error.expected === "{" ? error.rules : error.rules.slice(error.rules.lastIndexOf("Block") + 1);
  const form = inner.findLast((name) => FORMS[name] !== undefined);
  const after = blamed < here ? ` after ${quote(tokens[blamed]!.text)}` : "";
  return problems.syntax(describeExpected(error) + after, found === undefined ? "the end of the text" : quote(found.text), form === undefined ? "" : FORMS[form]!);
}

function describeExpected({ expected, rules }: SyntaxError): string {
  const rule = rules.at(-1);
  if (rule === "Block" && expected !== "{") return EXPECTED.Block!;
  if (expected !== null) return TERMINALS[expected] ?? quote(expected);
  return rule === undefined ? "the end or a declaration" : (EXPECTED[rule] ?? "a value");
}
