// Collects diagnostics; bounded, whatever the text.

import { problems, type Diagnostic, type Problem } from "./diagnostics.ts";
import type { Range } from "./program.ts";
import { suggest } from "./suggest.ts";

const MAX_DIAGNOSTICS = 100;

export class Reporter {
  readonly diagnostics: Diagnostic[] = [];

  /** Places where the text itself is wrong: whatever else is wrong there follows from that. */
  private readonly broken: Range[] = [];

  /** `lost`: names in text that could not be parsed; nothing is said about them. */
  constructor(private readonly lost: ReadonlySet<string>) {}

  /** Reports a mistake in the text itself. */
  reportText(range: Range, problem: Problem): void {
    this.add(range, problem);
    this.broken.push(range);
  }

  report(range: Range, problem: Problem): void {
    if (this.broken.some((place) => within(place, range) || within(range, place))) return;
    this.add(range, problem);
  }

  private add(range: Range, problem: Problem): void {
    if (this.diagnostics.length > MAX_DIAGNOSTICS) return;
    const full = this.diagnostics.length === MAX_DIAGNOSTICS;
    this.diagnostics.push({ ...(full ? problems.moreMistakes() : problem), range });
  }

  /** Reports a word that is none of `candidates`. */
  unknown(range: Range, word: string, candidates: Iterable<string>, rule: (word: string, about: string, near: string | undefined) => Problem, about: string): void {
    if (this.lost.has(word) || this.diagnostics.length > MAX_DIAGNOSTICS) return;
    const problem = rule(word, about, suggest(word, candidates));
    // What could not be parsed may have declared it, unless it resembles something that is declared.
    const declarable = problem.code === problems.unknownName.code || problem.code === problems.unknownField.code;
    if (declarable && this.lost.size > 0 && problem.fix === undefined) return;
    this.report(range, problem);
  }

  /** Is any diagnostic an error? */
  get failed(): boolean {
    return this.diagnostics.some((diagnostic) => diagnostic.severity === "error");
  }
}

function within(inner: Range, outer: Range): boolean {
  const after = inner.line > outer.line || (inner.line === outer.line && inner.column >= outer.column);
  const before = inner.endLine < outer.endLine || (inner.endLine === outer.endLine && inner.endColumn <= outer.endColumn);
  return after && before;
}
