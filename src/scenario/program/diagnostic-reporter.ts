// Collects the diagnostics of one text. Their number is bounded for every text.

import { problems, type Diagnostic, type Problem } from "./diagnostics.ts";
import type { Range } from "./program.ts";
import { nearestName } from "./spelling.ts";

const MAX_DIAGNOSTICS = 100;

export class DiagnosticReporter {
  readonly diagnostics: Diagnostic[] = [];

  /** Ranges of syntax errors: a semantic error inside one is a consequence of it, and is not reported. */
  private readonly syntaxErrorRanges: Range[] = [];

  /** @param skippedNames names in text that error recovery has skipped: no diagnostic is about them */
  constructor(private readonly skippedNames: ReadonlySet<string>) {}

  /** Reports a syntax error. */
  reportSyntax(range: Range, problem: Problem): void {
    this.add(range, problem);
    this.syntaxErrorRanges.push(range);
  }

  /** Reports a semantic error, unless it is a consequence of a syntax error. */
  report(range: Range, problem: Problem): void {
    if (this.syntaxErrorRanges.some((errorRange) => contains(errorRange, range) || contains(range, errorRange))) return;
    this.add(range, problem);
  }

  private add(range: Range, problem: Problem): void {
    if (this.diagnostics.length > MAX_DIAGNOSTICS) return;
    const full = this.diagnostics.length === MAX_DIAGNOSTICS;
    this.diagnostics.push({ ...(full ? problems.moreMistakes() : problem), range });
  }

  /** Reports a name that is none of `candidates`. */
  reportUnknown(
    range: Range,
    name: string,
    candidates: Iterable<string>,
    rule: (name: string, about: string, near: string | undefined) => Problem,
    about: string,
  ): void {
    if (this.skippedNames.has(name) || this.diagnostics.length > MAX_DIAGNOSTICS) return;
    const problem = rule(name, about, nearestName(name, candidates));
    // The skipped text may have declared it, unless it resembles a declared name.
    const declarable = problem.code === problems.unknownName.code || problem.code === problems.unknownField.code;
    if (declarable && this.skippedNames.size > 0 && problem.fix === undefined) return;
    this.report(range, problem);
  }

  /** Is any diagnostic an error? */
  get failed(): boolean {
    return this.diagnostics.some((diagnostic) => diagnostic.severity === "error");
  }
}

function contains(inner: Range, outer: Range): boolean {
  const after = inner.line > outer.line || (inner.line === outer.line && inner.column >= outer.column);
  const before = inner.endLine < outer.endLine || (inner.endLine === outer.endLine && inner.endColumn <= outer.endColumn);
  return after && before;
}
