// The breakpoints of the stepper: at a kernel function, a line of the kernel or of the scenario, or an event.

import sites from "lockbreak:sites";
import { CommandError } from "../../console/command.ts";
import { has_file, is_common, has_function, KERNEL_NAMES } from "../../engine/kernel/variants.ts";
import type { Breakpoint } from "../../engine/replay/recording.ts";
import { FIRST_SCENARIO_SITE } from "../../engine/replay/stepping.ts";
import type { TracepointName } from "../../engine/machine/trace.ts";
import { parseExpression } from "../../scenario/index.ts";
import { nearestName } from "../../scenario/program/spelling.ts";
import { didYouMean } from "../shared/errors.ts";
import type { SourceIndex } from "../shared/source-index.ts";
import { ALL_EVENTS } from "../../console/timeline.ts";
import type { StepperSession } from "./stepper-session.ts";

/** Ids of the breakpoints that are always set. */
export const CHECK_FAILED_BREAKPOINT = -1;
export const BUG_BREAKPOINT = -2;
const STOP_BREAKPOINT = -3;

interface UserBreakpoint extends Breakpoint {
  /** The location in words. */
  readonly where: string;
  /** As it was written. */
  readonly conditionText: string | null;
}

/** The sites or the event that the argument of `break` names. */
interface BreakpointTarget {
  readonly where: string;
  readonly sites?: ReadonlySet<number>;
  readonly event?: TracepointName;
}

export class StepperBreakpoints {
  private readonly all: UserBreakpoint[] = [];
  private nextId = 1;

  constructor(private readonly session: StepperSession) {
    this.sync();
  }

  /** Executes `break` TEXT. Returns a description of the breakpoint. */
  add(text: string): string {
    const match = /^(\S+)(?:\s+if\s+(.+))?$/.exec(text);
    if (match === null)
      throw new CommandError("Break where? Write: break FUNCTION, FILE:LINE, LINE or EVENT, and perhaps 'if EXPRESSION'.");
    const [, place, conditionText = null] = match;
    const { where, ...target } = resolveTarget(place!, this.session);
    const condition = conditionText === null ? null : parseStepperExpression(conditionText);
    const breakpoint: UserBreakpoint = {
      id: this.nextId,
      where,
      conditionText,
      ...target,
      ...(condition === null ? {} : { condition: (at) => this.session.conditionHolds(condition, at) }),
    };
    this.nextId += 1;
    this.all.push(breakpoint);
    this.sync();
    return describe(breakpoint);
  }

  /** Throws a CommandError if there is no such breakpoint. */
  delete(id: number): void {
    const at = this.all.findIndex((breakpoint) => breakpoint.id === id);
    if (at < 0) throw new CommandError(`There is no breakpoint ${id}. 'info break' lists them.`);
    this.all.splice(at, 1);
    this.sync();
  }

  /** Deletes all. */
  clear(): void {
    this.all.length = 0;
    this.sync();
  }

  /** All of them as lines, by number. */
  list(): string[] {
    return this.all.length === 0 ? ["No breakpoints. 'break lockbreak' would set one."] : this.all.map(describe);
  }

  /** Is there a breakpoint of the user at this site? */
  hasSite(site: number): boolean {
    return this.all.some((breakpoint) => breakpoint.sites?.has(site) === true);
  }

  private sync(): void {
    const stops = { id: STOP_BREAKPOINT, sites: this.session.sources.stopSites };
    this.session.recording.breakpoints = [
      { id: CHECK_FAILED_BREAKPOINT, event: "check_failed" },
      { id: BUG_BREAKPOINT, event: "bug" },
      stops,
      ...this.all,
    ];
  }
}

function describe({ id, where, conditionText }: UserBreakpoint): string {
  return `breakpoint ${id}: ${where}${conditionText === null ? "" : ` if ${conditionText}`}`;
}

/** Parses an expression. Throws a CommandError with its first diagnostic if it is invalid. */
export function parseStepperExpression(text: string): NonNullable<ReturnType<typeof parseExpression>["expr"]> {
  const { expr, diagnostics } = parseExpression(text);
  if (expr !== undefined) return expr;
  const [first] = diagnostics;
  throw new CommandError(first === undefined ? "This is no expression." : `${first.code}: ${first.message}`);
}

/** Resolves `word`: a line, an event or a kernel function. Throws a CommandError if there is none. */
export function resolveTarget(word: string, session: StepperSession): BreakpointTarget {
  if (/^\d+$/.test(word)) return scenarioLine(Number(word), session.sources);
  const line = /^(.+):(\d+)$/.exec(word);
  if (line !== null)
    return line[1] === session.sources.scenarioFile
      ? scenarioLine(Number(line[2]), session.sources)
      : kernelLine(line[1]!, Number(line[2]), session);
  const event = ALL_EVENTS.find((name) => name === word);
  if (event !== undefined) return { where: `event ${event}`, event };
  return kernelFunction(word, session);
}

function scenarioLine(line: number, { statements, scenarioFile }: SourceIndex): BreakpointTarget {
  const later = statements.flatMap((range, number) => (range.line >= line ? { line: range.line, site: FIRST_SCENARIO_SITE + number } : []));
  if (later.length === 0) throw new CommandError(`There is no statement on line ${line} of ${scenarioFile} or behind it.`);
  const nearest = Math.min(...later.map((statement) => statement.line));
  return {
    where: `${scenarioFile}:${nearest}`,
    sites: new Set(later.filter((statement) => statement.line === nearest).map(({ site }) => site)),
  };
}

function kernelLine(name: string, line: number, session: StepperSession): BreakpointTarget {
  const wanted = name.replace(/^kernel\//, "");
  const files = [...new Set(sites.map(({ file }) => file))].filter((file) => file === wanted || file.endsWith(`/${wanted}`));
  const linked = files.filter((candidate) => has_file(session.simulation.kernel, candidate));
  // Of two files of the same name, the one in the kernel's own folder is what differs from the common one.
  const file = files.find((candidate) => candidate === wanted) ?? linked.find((candidate) => !is_common(candidate)) ?? linked[0];
  if (file === undefined) {
    const near = nearestName(wanted, new Set(sites.map((site) => site.file)));
    throw new CommandError(`There is no kernel source file '${name}'.${didYouMean(near)}`);
  }
  const later = sites.flatMap((site, number) =>
    site.file === file && site.kind === "statement" && site.line >= line ? { line: site.line, number } : [],
  );
  if (later.length === 0) throw new CommandError(`There is no statement on line ${line} of kernel/${file} or behind it.`);
  const nearest = Math.min(...later.map((site) => site.line));
  return { where: `kernel/${file}:${nearest}`, sites: new Set(later.filter((site) => site.line === nearest).map(({ number }) => number)) };
}

function kernelFunction(name: string, session: StepperSession): BreakpointTarget {
  const { kernel } = session.simulation;
  const number = sites.findIndex((site) => site.entry && site.function === name && has_function(kernel, site.file, name));
  const site = sites[number];
  if (site !== undefined) return { where: `${name}, kernel/${site.file}:${site.line}`, sites: new Set([number]) };
  const known = new Set(sites.filter((one) => has_function(kernel, one.file, one.function)).map((one) => one.function));
  const elsewhere = KERNEL_NAMES.filter((other) => sites.some((one) => one.function === name && has_function(other, one.file, name)));
  if (elsewhere.length > 0)
    throw new CommandError(
      `Kernel ${kernel} has no function '${name}'; ${elsewhere.join(", ")} ${elsewhere.length === 1 ? "has" : "have"}.`,
    );
  const entered = [`sys_${name}`, `do_${name}`].find((longer) => known.has(longer));
  throw new CommandError(
    `There is no kernel function or event '${name}' to stop at.${didYouMean(entered ?? nearestName(name, [...known, ...ALL_EVENTS]))}`,
  );
}
