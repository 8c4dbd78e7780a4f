// `lockbreak explore` and `lockbreak merge`: from arguments to what is printed.

import { readFileSync } from "node:fs";
import { SetupFailure } from "../../scenario/run/explored.ts";
import { parse_turns } from "../../engine/machine/schedule.ts";
import { tell } from "../../scenario/run/story.ts";
import { fingerprint_of } from "../../scenario/run/fingerprint.ts";
import type { Options } from "../arguments.ts";
import { errors, EXIT } from "../errors.ts";
import { format_diagnostic, load } from "../load.ts";
import { Sources } from "../sources.ts";
import { painter } from "../terminal.ts";
import { exit_code, explore, read_wish, type Explored } from "./command.ts";
import { document_of, explored_of, merge, schedule_of, type Document } from "./document.ts";
import { table_lines } from "./table.ts";
import { finding_lines, result_lines } from "./text.ts";

/** `lockbreak explore FILE` */
export async function explore_command(file: string, options: Options): Promise<number> {
  const loaded = load(file, {});
  for (const diagnostic of loaded.diagnostics) process.stderr.write(`${format_diagnostic(file, diagnostic)}\n`);
  const { program } = loaded;
  if (program === undefined) return EXIT.wrong;
  const wish = read_wish(options, program);
  const json = options.has("json");
  const fingerprint = fingerprint_of(program);
  const paint = painter(process.stdout);
  const sources = new Sources(loaded, program);
  const say = (one: Explored): void => {
    if (json) return;
    for (const finding of one.progress.findings) {
      const { turns, cycle, units } = finding;
      const story = tell(program, one.kernel, { turns: parse_turns(turns), cycle: parse_turns(cycle) }, cycle === "" ? null : units, (range) => sources.text({ range }));
      print([...finding_lines(finding, paint), "", ...table_lines(story, paint), "", `lockbreak run ${file} --schedule '${schedule_of(finding, one.kernel, fingerprint)}'`, ""]);
    }
    print(result_lines(one, wish.plan.units, paint));
  };
  try {
    const all = await explore(program, wish, say);
    if (json) write_json(document_of(file, fingerprint, wish.plan, all));
    return exit_code(all);
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    throw errors.setup_fails(file, error.reason);
  }
}

/** `lockbreak merge FILE…` */
export function merge_command(files: readonly string[], options: Options): number {
  const document = merge(new Map(files.map((file) => [file, read_document(file)])));
  const all = explored_of(document);
  const paint = painter(process.stdout);
  if (options.has("json")) write_json(document);
  else {
    for (const { kernel, findings } of document.kernels) {
      for (const finding of findings) print([...finding_lines(finding, paint), `  lockbreak run ${document.scenario} --schedule '${schedule_of(finding, kernel, document.fingerprint)}'`, ""]);
    }
    for (const one of all) print(result_lines(one, document.plan.units, paint));
  }
  return exit_code(all);
}

function read_document(file: string): Document {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw errors.no_part(file);
  }
  if (typeof document !== "object" || document === null || !("plan" in document) || !("kernels" in document)) throw errors.no_part(file);
  return document as Document;
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

function write_json(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
