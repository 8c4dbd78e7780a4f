// The subcommands `lockbreak explore` and `lockbreak merge`: from their arguments to their output.

import { existsSync, readFileSync } from "node:fs";
import type { SearchResult } from "../../scenario/explore/scenario-search.ts";
import { SetupFailure } from "../../scenario/explore/scenario-world.ts";
import { searchFingerprint } from "../../scenario/explore/scenario-fingerprint.ts";
import { sourceExcerpt } from "../../scenario/program/source-excerpt.ts";
import type { CliOptions } from "../shared/arguments.ts";
import { cliErrors, EXIT } from "../shared/errors.ts";
import { formatDiagnostic, loadScenario } from "../shared/load-scenario.ts";
import { shellWord } from "../shared/shell.ts";
import { stylerFor } from "../shared/terminal.ts";
import { searchExitCode, exploreKernels, parseExploreOptions } from "./kernel-searches.ts";
import { exploreDocument, isExploreDocument, mergeDocuments, type ExploreDocument } from "./document.ts";
import { traceTableLines } from "./trace-table-text.ts";
import { findingLines, searchResultLines } from "../../console/search-report.ts";

/** `lockbreak explore FILE` */
export async function exploreCommand(file: string, options: CliOptions): Promise<number> {
  const { program, lines, diagnostics } = loadScenario(file, {});
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(file, diagnostic)}\n`);
  if (program === undefined) return EXIT.wrong;
  const exploreOptions = parseExploreOptions(options, program);
  const json = options.has("json");
  try {
    const all = await exploreKernels(
      program,
      exploreOptions,
      (range) => sourceExcerpt(lines, range),
      (one) => {
        if (!json) printResult(file, one, exploreOptions.plan.max_transitions);
      },
    );
    if (json) writeJson(exploreDocument(file, searchFingerprint(program), exploreOptions.plan, all));
    return searchExitCode(all);
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    throw cliErrors.setupFails(file, error.reason);
  }
}

/** `lockbreak merge FILE…` */
export function mergeCommand(files: readonly string[], options: CliOptions): number {
  const document = mergeDocuments(files.map((file) => ({ file, document: readDocument(file) })));
  if (options.has("json")) writeJson(document);
  else for (const one of document.kernels) printResult(document.scenario, one, document.plan.max_transitions);
  return searchExitCode(document.kernels);
}

function readDocument(file: string): ExploreDocument {
  if (!existsSync(file)) throw cliErrors.noSuchFile(file);
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw cliErrors.noPart(file);
  }
  if (!isExploreDocument(document)) throw cliErrors.noPart(file);
  return document;
}

/** Prints the result of the search on one kernel. `maxTransitions` is the bound of an execution. */
function printResult(file: string, one: SearchResult, maxTransitions: number): void {
  const styled = stylerFor(process.stdout);
  for (const finding of one.findings) {
    print([
      ...findingLines(finding, styled),
      "",
      ...traceTableLines(finding.table, styled),
      "",
      `lockbreak run ${shellWord(file)} --schedule '${finding.schedule}'`,
      "",
    ]);
  }
  print(searchResultLines(one, maxTransitions, styled));
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

function writeJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
