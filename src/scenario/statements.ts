// All statements of a program, wherever they are nested.

import type { Body, Program, Statement } from "./program.ts";

/** The statements of a program by their site. */
export function all_statements(program: Program): Statement[] {
  const statements: Statement[] = [];
  const collect = (body: Body): void => {
    for (const statement of body) {
      statements[statement.site] = statement;
      if ("body" in statement) collect(statement.body);
    }
  };
  for (const { body } of [...program.processes, ...program.tasks, ...program.triggers]) collect(body);
  return statements;
}
