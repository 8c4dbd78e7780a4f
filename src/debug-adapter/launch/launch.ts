// From launch arguments to a program that can run.

import type { KernelName } from "../../engine/kernel/variants.ts";
import { parseScenario, type ParsedScenario, type Program, type Statement } from "../../scenario/index.ts";
import { linesOf, quote } from "../../scenario/program/quote.ts";
import { allStatements } from "../../scenario/program/statements.ts";
import type { RunOptions } from "../../scenario/run/simulation.ts";
import { readSize } from "../../scenario/lower/literals.ts";
import { errors } from "../protocol/errors.ts";
import { limitsOf, ofSchedule, scheduleOf, TIMED } from "./launch-arguments.ts";
import { baseName } from "../protocol/paths.ts";
import type { LaunchArguments } from "../protocol/protocol.ts";

/** Characters of a scenario; the language has limits of its own below that. */
const MAX_TEXT = 4 * 1024 ** 2;

/** A scenario that is being debugged. */
export class Debuggee {
  readonly kernel: KernelName;
  readonly program: Program;
  readonly options: RunOptions;
  /** By site. */
  readonly statements: readonly Statement[];
  private readonly lines: readonly string[];

  constructor(
    readonly launch: LaunchArguments,
    program: Program,
    readonly text: string,
  ) {
    const { cpus = program.machine.cpus, seed = program.machine.seed, policy = TIMED } = launch;
    const far = program.tasks.find(({ cpu }) => cpu >= cpus);
    if (far !== undefined) throw errors.too_few_cpus(far.name, far.cpu);
    this.program = { ...program, machine: { ...program.machine, cpus, seed } };
    const schedule = scheduleOf(launch);
    if (schedule !== null) ofSchedule(() => schedule.check(this.program));
    this.kernel = schedule?.kernel ?? ((launch.kernel ?? program.kernel) as KernelName);
    this.options = { kernel: this.kernel, limits: limitsOf(launch), ...(policy === TIMED ? {} : { policy }), ...(schedule === null ? {} : { schedule: schedule.course }) };
    this.statements = allStatements(program);
    this.lines = linesOf(text);
  }

  /** A statement, or the head of one, as it was written, on one line. */
  quote({ range }: Statement): string {
    return quote(this.lines, range);
  }
}

/** Reads and checks the scenario. Throws an AdapterError that a person can do something about. */
export async function load(launch: LaunchArguments, readFile: (path: string) => Promise<string>): Promise<Debuggee> {
  const name = baseName(launch.program);
  const text = launch.text ?? (await read(launch.program, readFile));
  if (text.length > MAX_TEXT) throw errors.too_large(name);
  const memory = launch.limits?.memory;
  const { program, diagnostics } = parseScenario(text, name, { kernel: scheduleOf(launch)?.kernel ?? launch.kernel, memory: memory === undefined ? undefined : readSize(memory)! });
  if (program !== undefined) return new Debuggee(launch, program, text);
  const [first, ...rest] = mistakes({ diagnostics });
  // A document that was never saved has no name of its own.
  if (!/\.vmscn$/i.test(name) && launch.text === undefined && !launch.program.startsWith("untitled:")) throw errors.no_scenario(name, first!.range.line, first!.message);
  throw errors.mistakes(name, first!.range.line, first!.message, rest.length);
}

/** What keeps a scenario from running. */
export function mistakes({ diagnostics }: ParsedScenario): ParsedScenario["diagnostics"] {
  return diagnostics.filter(({ severity }) => severity === "error");
}

async function read(program: string, readFile: (path: string) => Promise<string>): Promise<string> {
  try {
    return await readFile(program);
  } catch (error) {
    throw errors.unreadable(program, error instanceof Error ? error.message : String(error));
  }
}
