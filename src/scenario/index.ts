// The public interface of the .vmscn language: from text to a checked Program, with diagnostics, and the evaluation of
// expressions. It depends on the cost table and the tracepoints of the engine, and not on the interpreter (run/).

import { debuggerFunctionsByName, functionsByName } from "./catalogue/index.ts";
import { checkProgram } from "./check/check-program.ts";
import type { Diagnostic } from "./program/diagnostics.ts";
import { LoweringContext } from "./lower/lowering-context.ts";
import { MAX_MEMORY } from "./program/limits.ts";
import { lowerScenario } from "./lower/declarations.ts";
import { lowerExpression } from "./lower/expressions.ts";
import type { Expr, Program } from "./program/program.ts";
import { DiagnosticReporter } from "./program/diagnostic-reporter.ts";
import { parseExpressionText, parseScenarioText, type RecoveredSyntax } from "./syntax/recovering-parser.ts";

/** The result of `parseScenario`. */
export interface ParsedScenario {
  /** Present if and only if no diagnostic is an error. */
  readonly program?: Program;
  /** In the order of their ranges; at most about 100. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Properties of the run that diagnostics depend on. */
export interface ParseOptions {
  /** The kernel that will run the program; if absent, the one that the scenario names. */
  readonly kernel?: string | undefined;
  /** The memory that the run may need, in bytes, as estimated before it; 2 GiB if absent. */
  readonly memory?: number | undefined;
}

/**
 * Parses and checks a scenario. Deterministic, and total: every text gives a result, and each mistake in it is a diagnostic.
 * @param text the text of the scenario; lines end with \n, \r\n or \r
 * @param uri the name of the program in reports
 * @returns the diagnostics, and the program if none of them is an error
 */
export function parseScenario(text: string, uri = "scenario.vmscn", { kernel, memory = MAX_MEMORY }: ParseOptions = {}): ParsedScenario {
  const syntax = parseScenarioText(text);
  const { context, reporter } = beginLowering(text, syntax);
  if (syntax.tree === undefined) return { diagnostics: reporter.diagnostics };
  const program = lowerScenario(context, syntax.tree, uri);
  checkProgram(program, kernel ?? program.kernel, reporter, memory);
  const diagnostics = reporter.diagnostics.sort((a, b) => a.range.line - b.range.line || a.range.column - b.range.column);
  return reporter.failed ? { diagnostics } : { program, diagnostics };
}

/**
 * Parses one expression, for watches, conditions and `print`. It may call the functions of debuggers. Deterministic, and total.
 * Its names are resolved when it is evaluated, and its types are not checked.
 * @returns the diagnostics, and the expression if none of them is an error; ranges count from the beginning of `text`
 */
export function parseExpression(text: string): { readonly expr?: Expr; readonly diagnostics: readonly Diagnostic[] } {
  const syntax = parseExpressionText(text);
  const { context, reporter } = beginLowering(text, syntax, debuggerFunctionsByName);
  if (syntax.tree === undefined) return { diagnostics: reporter.diagnostics };
  const expr = lowerExpression(context, syntax.tree);
  return reporter.failed ? { diagnostics: reporter.diagnostics } : { expr, diagnostics: reporter.diagnostics };
}

/** Begins lowering: a reporter that holds the syntax errors, and the context that reports to it. */
function beginLowering(
  text: string,
  { errors, skippedNames }: RecoveredSyntax<unknown>,
  functions: LoweringContext["functions"] = functionsByName,
): { context: LoweringContext; reporter: DiagnosticReporter } {
  const reporter = new DiagnosticReporter(skippedNames);
  const context = new LoweringContext(text, reporter, functions);
  for (const { start, end, problem } of errors) reporter.reportSyntax(context.offsetRange(start, end), problem);
  return { context, reporter };
}

export {
  EvaluationError,
  evaluate,
  isError,
  isTrue,
  type Environment,
  type EvaluationFailure,
  type HostObject,
  type StorageLocation,
  type Value,
} from "./program/expression.ts";
export type { Diagnostic, Fix, Severity } from "./program/diagnostics.ts";
export type * from "./program/program.ts";
