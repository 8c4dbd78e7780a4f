// From launch arguments to a program that can run.

import { KERNEL_NAMES, type KernelName } from "../engine/kernel/kernels.ts";
import { parseScenario, type ParsedScenario, type Program, type Statement } from "../scenario/index.ts";
import { lines_of, quote } from "../scenario/quote.ts";
import { all_statements } from "../scenario/statements.ts";
import { readSize } from "../scenario/lower/literals.ts";
import { suggest } from "../scenario/suggest.ts";
import { errors } from "./errors.ts";
import { base_name } from "./paths.ts";
import type { LaunchArguments } from "./protocol.ts";

/** Characters of a scenario; the language has limits of its own below that. */
const MAX_TEXT = 4 * 1024 ** 2;

/** A scenario that is being debugged. */
export class Debuggee {
  readonly kernel: KernelName;
  /** By site. */
  readonly statements: readonly Statement[];
  private readonly lines: readonly string[];

  constructor(
    readonly launch: LaunchArguments,
    readonly program: Program,
    text: string,
  ) {
    this.kernel = (launch.kernel ?? program.kernel) as KernelName;
    this.statements = all_statements(program);
    this.lines = lines_of(text);
  }

  /** A statement, or the head of one, as it was written, on one line. */
  quote({ range }: Statement): string {
    return quote(this.lines, range);
  }
}

/** Are these launch arguments? Throws an AdapterError that says what is wrong. */
export function check_arguments(raw: unknown): LaunchArguments {
  const given = (raw ?? {}) as Record<string, unknown>;
  if (typeof given["program"] !== "string" || given["program"].trim() === "") throw errors.no_program();
  for (const name of ["kernel", "text", "kernelSources"]) if (given[name] !== undefined && typeof given[name] !== "string") throw errors.bad_argument(name, "a text");
  for (const name of ["stopOnEntry", "stopAtEnd", "noDebug"]) if (given[name] !== undefined && typeof given[name] !== "boolean") throw errors.bad_argument(name, "true or false");
  check_limits(given["limits"]);
  const kernel = given["kernel"] as string | undefined;
  if (kernel !== undefined && !(KERNEL_NAMES as readonly string[]).includes(kernel)) {
    const near = suggest(kernel, KERNEL_NAMES);
    throw errors.unknown_kernel(kernel, KERNEL_NAMES.join(", "), near === undefined ? "" : ` Did you mean '${near}'?`);
  }
  return given as unknown as LaunchArguments;
}

function check_limits(limits: unknown): void {
  if (limits === undefined) return;
  if (typeof limits !== "object" || limits === null) throw errors.bad_argument("limits", "an object");
  const memory = (limits as Record<string, unknown>)["memory"];
  if (memory !== undefined && (typeof memory !== "string" || readSize(memory) === null)) throw errors.bad_argument("limits.memory", "a size such as 512M or 4G, as a text");
}

/** Reads and checks the scenario. Throws an AdapterError that a person can do something about. */
export async function load(launch: LaunchArguments, read_file: (path: string) => Promise<string>): Promise<Debuggee> {
  const name = base_name(launch.program);
  const text = launch.text ?? (await read(launch.program, read_file));
  if (text.length > MAX_TEXT) throw errors.too_large(name);
  const memory = launch.limits?.memory;
  const { program, diagnostics } = parseScenario(text, name, { kernel: launch.kernel, memory: memory === undefined ? undefined : readSize(memory)! });
  if (program !== undefined) return new Debuggee(launch, program, text);
  const [first, ...rest] = mistakes({ diagnostics });
  if (!/\.vmscn$/i.test(name) && launch.text === undefined) throw errors.no_scenario(name, first!.range.line, first!.message);
  throw errors.mistakes(name, first!.range.line, first!.message, rest.length);
}

/** What keeps a scenario from running. */
export function mistakes({ diagnostics }: ParsedScenario): ParsedScenario["diagnostics"] {
  return diagnostics.filter(({ severity }) => severity === "error");
}

async function read(program: string, read_file: (path: string) => Promise<string>): Promise<string> {
  try {
    return await read_file(program);
  } catch (error) {
    throw errors.unreadable(program, error instanceof Error ? error.message : String(error));
  }
}
