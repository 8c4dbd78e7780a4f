// The .vmscn language: from text to a checked Program with diagnostics. Knows the engine's tables of costs and
// tracepoints and nothing of how a program runs.

import { debuggerFunctions, functions as checkFunctions } from "./catalogue/index.ts";
import { check } from "./check/check.ts";
import type { Diagnostic } from "./program/diagnostics.ts";
import { Context } from "./lower/context.ts";
import { MAX_MEMORY } from "./program/limits.ts";
import { lowerScenario } from "./lower/declarations.ts";
import { lowerExpression } from "./lower/expressions.ts";
import type { Expr, Program } from "./program/program.ts";
import { Reporter } from "./program/report.ts";
import { parseExpressionText, parseText, type Syntax } from "./syntax/recover.ts";

export interface ParsedScenario {
  /** Present if no diagnostic is an error. */
  readonly program?: Program;
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ParseOptions {
  readonly kernel?: string | undefined;
  readonly memory?: number | undefined;
}

/**
 * Parses and checks a scenario. Deterministic; never throws, whatever the text: all that is wrong is a diagnostic.
 * @param uri what the program is called in reports
 * @param options.kernel the kernel that is to run it, if not the one that it names
 * @param options.memory bytes that the run may need, as estimated beforehand
 */
export function parseScenario(text: string, uri = "scenario.vmscn", { kernel, memory = MAX_MEMORY }: ParseOptions = {}): ParsedScenario {
  const syntax = parseText(text);
  const { context, reporter } = start(text, syntax);
  if (syntax.tree === undefined) return { diagnostics: reporter.diagnostics };
  const program = lowerScenario(context, syntax.tree, uri);
  check(program, kernel ?? program.kernel, reporter, memory);
  const diagnostics = reporter.diagnostics.sort((a, b) => a.range.line - b.range.line || a.range.column - b.range.column);
  return reporter.failed ? { diagnostics } : { program, diagnostics };
}

/** Parses one expression, for watches, conditions and `print`; it may ask for the past. Its names are looked up when it is evaluated. */
export function parseExpression(text: string): { readonly expr?: Expr; readonly diagnostics: readonly Diagnostic[] } {
  const syntax = parseExpressionText(text);
  const { context, reporter } = start(text, syntax, debuggerFunctions);
  if (syntax.tree === undefined) return { diagnostics: reporter.diagnostics };
  const expr = lowerExpression(context, syntax.tree);
  return reporter.failed ? { diagnostics: reporter.diagnostics } : { expr, diagnostics: reporter.diagnostics };
}

function start(text: string, { found, lost }: Syntax<unknown>, functions: Context["functions"] = checkFunctions): { context: Context; reporter: Reporter } {
  const reporter = new Reporter(lost);
  const context = new Context(text, reporter, functions);
  for (const { start, end, problem } of found) reporter.reportText(context.offsets(start, end), problem);
  return { context, reporter };
}

export { EvaluationError, evaluate, isError, isTrue, type Environment, type Failure, type HostObject, type Storage, type Value } from "./program/expression.ts";
export type { Diagnostic, Fix, Severity } from "./program/diagnostics.ts";
export type * from "./program/program.ts";
