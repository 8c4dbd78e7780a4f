// The rules of all diagnostics, in one table by name. docs/language.md lists the codes; a test compares the two.

import { limitProblems } from "./limit-problems.ts";
import { nameProblems } from "./name-problems.ts";
import type { Fix, Severity } from "./diagnostic-rules.ts";
import type { Range } from "./program.ts";
import { runProblems } from "./run-problems.ts";
import { textProblems } from "./text-problems.ts";
import { valueProblems } from "./value-problems.ts";

export { quote, type Fix, type Problem, type Severity } from "./diagnostic-rules.ts";

export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly range: Range;
  readonly fix?: Fix;
}

export const problems = { ...textProblems, ...nameProblems, ...valueProblems, ...limitProblems, ...runProblems } as const;
