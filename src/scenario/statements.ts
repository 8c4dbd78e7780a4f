// All statements of a program, wherever they are nested.

import type { Body, Program, Statement } from "./program.ts";

/** The statements of a body and of the bodies inside it, in the order of the text. */
export function statements_of(body: Body): Statement[] {
  return body.flatMap((statement) => ("body" in statement ? [statement, ...statements_of(statement.body)] : [statement]));
}

/** The statements of a program by their site. */
export function all_statements({ processes, tasks, triggers }: Program): Statement[] {
  const statements: Statement[] = [];
  for (const { body } of [...processes, ...tasks, ...triggers]) for (const statement of statements_of(body)) statements[statement.site] = statement;
  return statements;
}
