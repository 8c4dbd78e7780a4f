// Names of sites.

import sites from "lockbreak:sites";
import { FIRST_SCENARIO_SITE } from "../../src/engine/replay/stepping.ts";
import type { Program } from "../../src/scenario/program/program.ts";
import { statementsBySite } from "../../src/scenario/program/traversal.ts";

/** The kernel function of a site, or the call of the scenario's statement. */
export function nameOfSite(program: Program, site: number): string {
  const statement = statementsBySite(program)[site - FIRST_SCENARIO_SITE];
  if (statement === undefined) return sites[site]?.function ?? "";
  return statement.kind === "call" ? statement.call : statement.kind;
}
