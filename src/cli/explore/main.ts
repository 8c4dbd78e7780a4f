// `lockbreak explore` and `lockbreak merge`: from arguments to what is printed.

import { readFileSync } from "node:fs";
import type { Finding } from "../../engine/explore/finding.ts";
import { SetupFailure } from "../../scenario/run/explored.ts";
import { fingerprint_of } from "../../scenario/run/fingerprint.ts";
import type { Program } from "../../scenario/program.ts";
import type { Options } from "../arguments.ts";
import { errors, EXIT } from "../errors.ts";
import { format_count, format_plural } from "../format.ts";
import { format_diagnostic, load, type Loaded } from "../load.ts";
import { painter, type Paint } from "../terminal.ts";
import { exit_code, explore, is_exhausted, read_wish, type Explored } from "./command.ts";
import { document_of, explored_of, merge, schedule_of, type Document } from "./document.ts";

/** `lockbreak explore FILE` */
export async function explore_command(file: string, options: Options): Promise<number> {
  const loaded = load(file, {});
  for (const diagnostic of loaded.diagnostics) process.stderr.write(`${format_diagnostic(file, diagnostic)}\n`);
  const { program } = loaded;
  if (program === undefined) return EXIT.wrong;
  const wish = read_wish(options, program);
  const json = options.has("json");
  const paint = painter(process.stdout);
  const say = (one: Explored): void => {
    if (!json) print(report_lines(one, { loaded, program }, paint));
  };
  const all = await explore(program, wish, say);
  if (json) write_json(document_of(file, fingerprint_of(program), wish.plan, all));
  return exit_code(all);
}

/** `lockbreak merge FILE…` */
export function merge_command(files: readonly string[], options: Options): number {
  const document = merge(new Map(files.map((file) => [file, read_document(file)])));
  const all = explored_of(document);
  if (options.has("json")) write_json(document);
  else for (const one of all) print(report_lines(one, null, painter(process.stdout), document));
  return exit_code(all);
}
