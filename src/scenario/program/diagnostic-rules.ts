// What a rule of the diagnostics is made of: a stable code, a severity, and the message, which says what is wrong and what the author
// can do about it.

export type Severity = "error" | "warning" | "information";

/** A quick fix that is almost certainly right: replace the diagnostic's range by `text`. */
export interface Fix {
  readonly title: string;
  readonly text: string;
}

/** A diagnostic without its range. */
export interface Problem {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly fix?: Fix;
}

/** The rule of one code: called with the parts of the message, it makes the problem. */
export interface Rule<A extends readonly unknown[]> {
  (...args: A): Problem;
  readonly code: string;
  readonly severity: Severity;
  /** A few words for the table in the documentation. */
  readonly title: string;
}

export function defineRule<A extends readonly unknown[]>(
  code: string,
  severity: Severity,
  title: string,
  message: (...args: A) => string,
): Rule<A> {
  return Object.assign((...args: A): Problem => ({ code, severity, message: message(...args) }), { code, severity, title });
}

/** A rule for an unknown name: if a known one is near, the message suggests it, and the quick fix replaces the name by it. */
export function defineUnknownNameRule(
  code: string,
  title: string,
  message: (name: string, known: string) => string,
): Rule<[name: string, known: string, near: string | undefined]> {
  const make = (name: string, known: string, near: string | undefined): Problem => ({
    code,
    severity: "error",
    message: message(quote(name), known) + (near === undefined ? "" : ` Did you mean ${quote(near)}?`),
    ...(near === undefined ? {} : { fix: { title: `Change to ${quote(near)}`, text: near } }),
  });
  return Object.assign(make, { code, severity: "error" as const, title });
}

/** A token of the scenario as messages show it; a long one is shortened. */
export function quote(token: string): string {
  return `'${token.length > 60 ? token.slice(0, 57) + "..." : token}'`;
}
