// `lockbreak explore` and `lockbreak merge`: from arguments to what is printed.

import { existsSync, readFileSync } from "node:fs";
import type { Explored } from "../../scenario/explore/explore.ts";
import { SetupFailure } from "../../scenario/explore/explored.ts";
import { fingerprint_of_search } from "../../scenario/explore/fingerprint.ts";
import { quote } from "../../scenario/program/quote.ts";
import type { Options } from "../shared/arguments.ts";
import { errors, EXIT } from "../shared/errors.ts";
import { format_diagnostic, load } from "../shared/load.ts";
import { shell_word } from "../shared/shell.ts";
import { painter } from "../shared/terminal.ts";
import { exit_code, explore, read_wish } from "./command.ts";
import { document_of, is_document, merge, type Document } from "./document.ts";
import { table_lines } from "./table.ts";
import { finding_lines, result_lines } from "../../console/explored.ts";

/** `lockbreak explore FILE` */
export async function explore_command(file: string, options: Options): Promise<number> {
  const { program, lines, diagnostics } = load(file, {});
  for (const diagnostic of diagnostics) process.stderr.write(`${format_diagnostic(file, diagnostic)}\n`);
  if (program === undefined) return EXIT.wrong;
  const wish = read_wish(options, program);
  const json = options.has("json");
  try {
    const all = await explore(program, wish, (range) => quote(lines, range), (one) => {
      if (!json) say(file, one, wish.plan.units);
    });
    if (json) write_json(document_of(file, fingerprint_of_search(program), wish.plan, all));
    return exit_code(all);
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    throw errors.setup_fails(file, error.reason);
  }
}

/** `lockbreak merge FILE…` */
export function merge_command(files: readonly string[], options: Options): number {
  const document = merge(files.map((file) => ({ file, document: read_document(file) })));
  if (options.has("json")) write_json(document);
  else for (const one of document.kernels) say(document.scenario, one, document.plan.units);
  return exit_code(document.kernels);
}

function read_document(file: string): Document {
  if (!existsSync(file)) throw errors.no_such_file(file);
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw errors.no_part(file);
  }
  if (!is_document(document)) throw errors.no_part(file);
  return document;
}

/** Prints what a search on one kernel has come to. `units` is how many an execution may have. */
function say(file: string, one: Explored, units: number): void {
  const paint = painter(process.stdout);
  for (const finding of one.findings) {
    print([...finding_lines(finding, paint), "", ...table_lines(finding.story, paint), "", `lockbreak run ${shell_word(file)} --schedule '${finding.schedule}'`, ""]);
  }
  print(result_lines(one, units, paint));
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

function write_json(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
