// The debuggee: a scenario that was loaded according to launch arguments.

import type { KernelName } from "../../engine/kernel/variants.ts";
import { parseScenario, type ParsedScenario, type Program, type Statement } from "../../scenario/index.ts";
import { splitLines, sourceExcerpt } from "../../scenario/program/source-excerpt.ts";
import { statementsBySite } from "../../scenario/program/traversal.ts";
import type { RunOptions } from "../../scenario/run/simulation.ts";
import { parseSize } from "../../scenario/lower/literals.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import { launchLimits, withScheduleErrors, launchSchedule, TIMED_POLICY } from "./launch-arguments.ts";
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
    const { cpus = program.machine.cpus, seed = program.machine.seed, policy = TIMED_POLICY } = launch;
    const unplaced = program.tasks.find(({ cpu }) => cpu >= cpus);
    if (unplaced !== undefined) throw adapterErrors.tooFewCpus(unplaced.name, unplaced.cpu);
    this.program = { ...program, machine: { ...program.machine, cpus, seed } };
    const schedule = launchSchedule(launch);
    if (schedule !== null) withScheduleErrors(() => schedule.check(this.program));
    this.kernel = schedule?.kernel ?? ((launch.kernel ?? program.kernel) as KernelName);
    this.options = {
      kernel: this.kernel,
      limits: launchLimits(launch),
      ...(policy === TIMED_POLICY ? {} : { policy }),
      ...(schedule === null ? {} : { schedule: schedule.schedule }),
    };
    this.statements = statementsBySite(program);
    this.lines = splitLines(text);
  }

  /** A statement, or the head of one, as it was written, on one line. */
  quote({ range }: Statement): string {
    return sourceExcerpt(this.lines, range);
  }
}

/** Reads and checks the scenario. Throws an AdapterError that tells the user what to do. */
export async function loadDebuggee(launch: LaunchArguments, readFile: (path: string) => Promise<string>): Promise<Debuggee> {
  const name = baseName(launch.program);
  const text = launch.text ?? (await read(launch.program, readFile));
  if (text.length > MAX_TEXT) throw adapterErrors.scenarioTooLarge(name);
  const memory = launch.limits?.memory;
  const { program, diagnostics } = parseScenario(text, name, {
    kernel: launchSchedule(launch)?.kernel ?? launch.kernel,
    memory: memory === undefined ? undefined : parseSize(memory)!,
  });
  if (program !== undefined) return new Debuggee(launch, program, text);
  const [first, ...rest] = scenarioErrors({ diagnostics });
  // A document that was never saved has no name of its own.
  if (!/\.vmscn$/i.test(name) && launch.text === undefined && !launch.program.startsWith("untitled:"))
    throw adapterErrors.notAScenario(name, first!.range.line, first!.message);
  throw adapterErrors.invalidScenario(name, first!.range.line, first!.message, rest.length);
}

/** The diagnostics because of which a scenario cannot run. */
export function scenarioErrors({ diagnostics }: ParsedScenario): ParsedScenario["diagnostics"] {
  return diagnostics.filter(({ severity }) => severity === "error");
}

async function read(program: string, readFile: (path: string) => Promise<string>): Promise<string> {
  try {
    return await readFile(program);
  } catch (error) {
    throw adapterErrors.unreadableScenario(program, error instanceof Error ? error.message : String(error));
  }
}
