// Operations driven to their end, and names for places.

import sites from "lockbreak:sites";
import type { Operation } from "../../src/engine/replay/recording.ts";
import { SCENARIO_SITES } from "../../src/engine/replay/stepping.ts";
import type { Program } from "../../src/scenario/program/program.ts";
import { allStatements } from "../../src/scenario/program/statements.ts";

/** What an operation comes to. */
export function complete<T>(operation: Operation<T>): T {
  for (;;) {
    const { done, value } = operation.next();
    if (done === true) return value;
  }
}

/** The kernel function of a site, or the call of the scenario's statement. */
export function nameOfSite(program: Program, site: number): string {
  const statement = allStatements(program)[site - SCENARIO_SITES];
  if (statement === undefined) return sites[site]?.function ?? "";
  return statement.kind === "call" ? statement.call : statement.kind;
}
