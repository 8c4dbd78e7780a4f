// Panic-mode error recovery, so that one mistake gives one diagnostic. The parser stops at the first error; the statement or
// declaration around it is skipped, and the parser runs again over the rest.

import { problems, quote, type Problem } from "../program/diagnostics.ts";
import type { Expression, Scenario } from "../generated/ast.ts";
import { nearestName } from "../program/spelling.ts";
import { parse, type ParseError } from "./parser.ts";
import { renderForParser, scan, type LocatedProblem, type ScanResult, type Token } from "./scanner.ts";
import { beginsDeclaration, beginsStatement, skipTokens, DECLARATION_KEYWORDS, enclosingConstruct } from "./synchronization.ts";
import { matchBrackets, findComplexityError, type BracketMatch } from "./brackets.ts";

/** A longer text is not scanned; one of more tokens, for which the parser would need more than a few seconds, is not parsed. */
const MAX_TEXT = 4 * 1024 * 1024;
const MAX_TOKENS = 200_000;
/** The parser stops looking for errors after this many. */
const MAX_ERRORS = 50;
/** Characters that may be parsed again in search of further errors. */
const MAX_REPARSED = 500_000;

export interface RecoveredSyntax<T> {
  /** The tree of what could be parsed; undefined if the parser has given up. */
  readonly tree: T | undefined;
  readonly errors: readonly LocatedProblem[];
  /** Names in skipped text: whether it declares or uses them is not known. */
  readonly skippedNames: ReadonlySet<string>;
}

/** Parses a whole scenario. */
export function parseScenarioText(text: string): RecoveredSyntax<Scenario> {
  const refused = (problem: Problem, start = 0, end = 0) => ({
    tree: undefined,
    errors: [{ start, end, problem }],
    skippedNames: new Set<string>(),
  });
  if (text.length > MAX_TEXT) return refused(problems.tooLarge(text.length, "characters", MAX_TEXT));
  const nul = text.indexOf("\0");
  if (nul >= 0) return refused(problems.binary(), nul, nul + 1);
  const scanned = scan(text);
  if (scanned.tokens.length > MAX_TOKENS) return refused(problems.tooLarge(scanned.tokens.length, "tokens", MAX_TOKENS));
  const complex = findComplexityError(scanned);
  if (complex !== null) return refused(complex.problem, complex.start, complex.end);
  const brackets = matchBrackets(scanned.tokens);
  const errors = [...scanned.errors, ...brackets.errors];
  if (errors.length + brackets.stray.size > MAX_ERRORS) {
    return { tree: undefined, errors: [...errors, ...brackets.stray.values()].slice(0, MAX_ERRORS), skippedNames: brackets.skippedNames };
  }
  return parseWithRecovery(scanned, brackets, errors);
}

function parseWithRecovery(scanned: ScanResult, brackets: BracketMatch, errors: LocatedProblem[]): RecoveredSyntax<Scenario> {
  const { skippedNames, stray } = brackets;
  const separated = (i: number) => beginsDeclaration(scanned.tokens, i);
  let budget = MAX_REPARSED;
  for (;;) {
    const parsed = parse(renderForParser(scanned, brackets.inserted, separated), "Scenario");
    if ("tree" in parsed) return { tree: parsed.tree, errors: [...errors, ...stray.values()].slice(0, MAX_ERRORS), skippedNames };
    const at = Math.min(parsed.error.offset, scanned.length);
    errors.push(skipErroneousConstruct(scanned.tokens, parsed.error, skippedNames, stray));
    budget -= at;
    if (budget < 0 || errors.length >= MAX_ERRORS) {
      const last = errors.at(-1)!;
      errors.push({ start: last.start, end: last.end, problem: problems.moreMistakes() });
      return { tree: undefined, errors, skippedNames };
    }
  }
}

/** Parses one expression on its own. */
export function parseExpressionText(text: string): RecoveredSyntax<Expression> {
  const skippedNames = new Set<string>();
  if (text.length > MAX_TEXT) {
    return {
      tree: undefined,
      errors: [{ start: 0, end: 0, problem: problems.tooLarge(text.length, "characters", MAX_TEXT) }],
      skippedNames,
    };
  }
  const scanned = scan(text);
  const complex = findComplexityError(scanned);
  const brackets = matchBrackets(complex === null ? scanned.tokens : []);
  const first = complex ?? scanned.errors[0] ?? brackets.errors[0] ?? brackets.stray.values().next().value;
  if (first !== undefined) return { tree: undefined, errors: [first], skippedNames };
  const parsed = parse(
    renderForParser(scanned, new Map(), () => false),
    "Expression",
  );
  if ("tree" in parsed) return { tree: parsed.tree, errors: [], skippedNames };
  const i = scanned.tokens.findIndex((token) => token.start >= parsed.error.offset);
  const token = scanned.tokens[i];
  const problem = problems.syntax(describeExpected(parsed.error), token === undefined ? "the end" : quote(token.text), "");
  return { tree: undefined, errors: [{ start: token?.start ?? text.length, end: token?.end ?? text.length, problem }], skippedNames };
}

/** Skips the construct that a syntax error is in, and returns the problem at the token that is to blame. */
function skipErroneousConstruct(
  tokens: readonly Token[],
  error: ParseError,
  skippedNames: Set<string>,
  stray: Map<number, LocatedProblem>,
): LocatedProblem {
  const index = tokens.findIndex((token) => token.start >= error.offset && token.parserText !== "");
  const here = index < 0 ? tokens.length : index;
  let before = here - 1;
  while (before >= 0 && tokens[before]!.parserText === "") before--;
  const blamed = before >= 0 && isUnfinished(tokens, here, error) ? before : Math.min(here, tokens.length - 1);

  let begin = blamed;
  while (begin > 0 && !beginsDeclaration(tokens, begin)) begin--;
  let end = blamed + 1;
  while (end < tokens.length && !beginsDeclaration(tokens, end)) end++;

  const problem = describeSyntaxError(tokens, here, blamed, error);
  // A '}' too many means that a '{' is missing here: without it no statement of this declaration is in its block.
  const unbalanced = [...stray.keys()].some((i) => i >= begin && i < end && tokens[i]!.text === "}");
  const [from, to] = unbalanced ? [begin, end] : enclosingConstruct(tokens, blamed, begin, end);
  skipTokens(tokens, from, to, skippedNames);
  for (const i of stray.keys()) if (i >= from && i < to) stray.delete(i);
  return { start: tokens[blamed]!.start, end: tokens[blamed]!.end, problem };
}

/** Does the unexpected token begin another construct, so that the one before it is incomplete? */
function isUnfinished(tokens: readonly Token[], here: number, { ruleStack, expected }: ParseError): boolean {
  if (expected !== "{" && ["Block", "Statement", "Declaration", "Scenario", undefined].includes(ruleStack.at(-1))) {
    return here >= tokens.length;
  }
  return here >= tokens.length || tokens[here]!.parserText === "}" || beginsStatement(tokens, here);
}

/** The form of each construct, by its grammar rule. */
const SYNTAX_FORMS: Readonly<Record<string, string>> = {
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

/** What is expected in a grammar rule if several tokens are possible. */
const EXPECTED_BY_RULE: Readonly<Record<string, string>> = {
  Statement: "a statement",
  Block: "a statement or '}'",
  Name: "a name",
  Identifier: "a name",
  HyphenatedIdentifier: "a name",
  KernelName: "the name of a kernel",
  SettingValue: "a number or a name",
  NumberLiteral: "a number",
  Repeat: "a number or 'forever'",
  Check: "always, finally, never or after",
  MachineBlock: "a setting or '}'",
  ExploreBlock: "a setting or '}'",
  Setting: "a setting",
};
const TERMINAL_NAMES: Readonly<Record<string, string>> = { NUMBER: "a number", TEXT: "a text", ID: "a name", EOF: "the end" };

function describeSyntaxError(tokens: readonly Token[], here: number, blamed: number, error: ParseError): Problem {
  const found = tokens[here];
  const rule = error.ruleStack.at(-1);
  if (rule === undefined && found?.kind === "identifier" && found.startsLine) {
    return problems.unknownDeclaration(found.text, "", nearestName(found.text, DECLARATION_KEYWORDS));
  }
  // The forms of constructs around the innermost block do not help with an error inside it.
  const inner = error.expected === "{" ? error.ruleStack : error.ruleStack.slice(error.ruleStack.lastIndexOf("Block") + 1);
  const form = inner.findLast((name) => SYNTAX_FORMS[name] !== undefined);
  const after = blamed < here ? ` after ${quote(tokens[blamed]!.text)}` : "";
  return problems.syntax(
    describeExpected(error) + after,
    found === undefined ? "the end of the text" : quote(found.text),
    form === undefined ? "" : SYNTAX_FORMS[form]!,
  );
}

function describeExpected({ expected, ruleStack }: ParseError): string {
  const rule = ruleStack.at(-1);
  if (rule === "Block" && expected !== "{") return EXPECTED_BY_RULE.Block!;
  if (expected !== null) return TERMINAL_NAMES[expected] ?? quote(expected);
  return rule === undefined ? "the end or a declaration" : (EXPECTED_BY_RULE[rule] ?? "a value");
}
