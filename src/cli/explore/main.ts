// `lockbreak explore` and `lockbreak merge`: from arguments to what is printed.

import { existsSync, readFileSync } from "node:fs";
import type { Explored } from "../../scenario/explore/explore.ts";
import { SetupFailure } from "../../scenario/explore/explored.ts";
import { fingerprintOfSearch } from "../../scenario/explore/fingerprint.ts";
import { quote } from "../../scenario/program/quote.ts";
import type { Options } from "../shared/arguments.ts";
import { errors, EXIT } from "../shared/errors.ts";
import { formatDiagnostic, load } from "../shared/load.ts";
import { shellWord } from "../shared/shell.ts";
import { painter } from "../shared/terminal.ts";
import { exit_code, explore, readWish } from "./command.ts";
import { documentOf, isDocument, merge, type Document } from "./document.ts";
import { tableLines } from "./table.ts";
import { findingLines, resultLines } from "../../console/explored.ts";

/** `lockbreak explore FILE` */
export async function exploreCommand(file: string, options: Options): Promise<number> {
  const { program, lines, diagnostics } = load(file, {});
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(file, diagnostic)}\n`);
  if (program === undefined) return EXIT.wrong;
  const wish = readWish(options, program);
  const json = options.has("json");
  try {
    const all = await explore(program, wish, (range) => quote(lines, range), (one) => {
      if (!json) say(file, one, wish.plan.units);
    });
    if (json) writeJson(documentOf(file, fingerprintOfSearch(program), wish.plan, all));
    return exit_code(all);
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    throw errors.setup_fails(file, error.reason);
  }
}

/** `lockbreak merge FILE…` */
export function mergeCommand(files: readonly string[], options: Options): number {
  const document = merge(files.map((file) => ({ file, document: readDocument(file) })));
  if (options.has("json")) writeJson(document);
  else for (const one of document.kernels) say(document.scenario, one, document.plan.units);
  return exit_code(document.kernels);
}

function readDocument(file: string): Document {
  if (!existsSync(file)) throw errors.no_such_file(file);
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw errors.no_part(file);
  }
  if (!isDocument(document)) throw errors.no_part(file);
  return document;
}

/** Prints what a search on one kernel has come to. `units` is how many an execution may have. */
function say(file: string, one: Explored, units: number): void {
  const paint = painter(process.stdout);
  for (const finding of one.findings) {
    print([...findingLines(finding, paint), "", ...tableLines(finding.story, paint), "", `lockbreak run ${shellWord(file)} --schedule '${finding.schedule}'`, ""]);
  }
  print(resultLines(one, units, paint));
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

function writeJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
