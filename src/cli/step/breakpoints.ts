// Breakpoints as a person writes them: a kernel function, a line of the kernel or of the scenario, or an event.

import sites from "lockbreak:sites";
import { CommandError } from "../../console/command.ts";
import { has_file, has_function, KERNEL_NAMES } from "../../engine/kernel/variants.ts";
import type { Breakpoint } from "../../engine/replay/recording.ts";
import { SCENARIO_SITES } from "../../engine/replay/stepping.ts";
import type { TracepointName } from "../../engine/machine/trace.ts";
import { parseExpression } from "../../scenario/index.ts";
import { suggest } from "../../scenario/program/suggest.ts";
import { didYouMean } from "../shared/errors.ts";
import type { Sources } from "../shared/sources.ts";
import { ALL_EVENTS } from "../../console/timeline.ts";
import type { Session } from "./session.ts";

/** Breakpoints that are always there. */
export const CHECK_FAILED = -1;
export const BUG = -2;
const STOP = -3;

interface UserBreakpoint extends Breakpoint {
  /** Where it is, in words. */
  readonly where: string;
  /** As it was written. */
  readonly conditionText: string | null;
}

/** A place that a person has named. */
interface Target {
  readonly where: string;
  readonly sites?: ReadonlySet<number>;
  readonly event?: TracepointName;
}

export class Breakpoints {
  private readonly all: UserBreakpoint[] = [];
  private nextId = 1;

  constructor(private readonly session: Session) {
    this.arm();
  }

  /** `break` TEXT: what was set, in words. */
  add(text: string): string {
    const match = /^(\S+)(?:\s+if\s+(.+))?$/.exec(text);
    if (match === null) throw new CommandError("Break where? Write: break FUNCTION, FILE:LINE, LINE or EVENT, and perhaps 'if EXPRESSION'.");
    const [, place, conditionText = null] = match;
    const { where, ...target } = findTarget(place!, this.session);
    const condition = conditionText === null ? null : parse(conditionText);
    const breakpoint: UserBreakpoint = {
      id: this.nextId,
      where,
      conditionText,
      ...target,
      ...(condition === null ? {} : { condition: (at) => this.session.holds(condition, at) }),
    };
    this.nextId += 1;
    this.all.push(breakpoint);
    this.arm();
    return describe(breakpoint);
  }

  /** Throws a CommandError if there is no such breakpoint. */
  delete(id: number): void {
    const at = this.all.findIndex((breakpoint) => breakpoint.id === id);
    if (at < 0) throw new CommandError(`There is no breakpoint ${id}. 'info break' lists them.`);
    this.all.splice(at, 1);
    this.arm();
  }

  /** Deletes all. */
  clear(): void {
    this.all.length = 0;
    this.arm();
  }

  /** All of them as lines, by number. */
  list(): string[] {
    return this.all.length === 0 ? ["No breakpoints. 'break lockbreak' would set one."] : this.all.map(describe);
  }

  /** Does a user's breakpoint stand at this site? */
  at(site: number): boolean {
    return this.all.some((breakpoint) => breakpoint.sites?.has(site) === true);
  }

  private arm(): void {
    const stops = { id: STOP, sites: this.session.sources.stops };
    this.session.recording.breakpoints = [{ id: CHECK_FAILED, event: "check_failed" }, { id: BUG, event: "bug" }, stops, ...this.all];
  }
}

function describe({ id, where, conditionText }: UserBreakpoint): string {
  return `breakpoint ${id}: ${where}${conditionText === null ? "" : ` if ${conditionText}`}`;
}

/** An expression, or the one thing that is wrong with it. */
export function parse(text: string): NonNullable<ReturnType<typeof parseExpression>["expr"]> {
  const { expr, diagnostics } = parseExpression(text);
  if (expr !== undefined) return expr;
  const [first] = diagnostics;
  throw new CommandError(first === undefined ? "This is no expression." : `${first.code}: ${first.message}`);
}

/** The place that `word` names: a line, an event or a kernel function. Throws a CommandError if there is none. */
export function findTarget(word: string, session: Session): Target {
  if (/^\d+$/.test(word)) return scenarioLine(Number(word), session.sources);
  const line = /^(.+):(\d+)$/.exec(word);
  if (line !== null) return line[1] === session.sources.scenarioFile ? scenarioLine(Number(line[2]), session.sources) : kernelLine(line[1]!, Number(line[2]), session);
  const event = ALL_EVENTS.find((name) => name === word);
  if (event !== undefined) return { where: `event ${event}`, event };
  return kernelFunction(word, session);
}

function scenarioLine(line: number, { statements, scenarioFile }: Sources): Target {
  const later = statements.flatMap((range, number) => (range.line >= line ? { line: range.line, site: SCENARIO_SITES + number } : []));
  if (later.length === 0) throw new CommandError(`There is no statement on line ${line} of ${scenarioFile} or behind it.`);
  const nearest = Math.min(...later.map((statement) => statement.line));
  return { where: `${scenarioFile}:${nearest}`, sites: new Set(later.filter((statement) => statement.line === nearest).map(({ site }) => site)) };
}

function kernelLine(name: string, line: number, session: Session): Target {
  const wanted = name.replace(/^kernel\//, "");
  const files = [...new Set(sites.map(({ file }) => file))].filter((file) => file === wanted || file.endsWith(`/${wanted}`));
  const file = files.find((candidate) => candidate === wanted) ?? files.find((candidate) => has_file(session.simulation.kernel, candidate));
  if (file === undefined) {
    const near = suggest(wanted, new Set(sites.map((site) => site.file)));
    throw new CommandError(`There is no kernel source file '${name}'.${didYouMean(near)}`);
  }
  const later = sites.flatMap((site, number) => (site.file === file && site.kind === "statement" && site.line >= line ? { line: site.line, number } : []));
  if (later.length === 0) throw new CommandError(`There is no statement on line ${line} of kernel/${file} or behind it.`);
  const nearest = Math.min(...later.map((site) => site.line));
  return { where: `kernel/${file}:${nearest}`, sites: new Set(later.filter((site) => site.line === nearest).map(({ number }) => number)) };
}

function kernelFunction(name: string, session: Session): Target {
  const { kernel } = session.simulation;
  const number = sites.findIndex((site) => site.entry && site.function === name && has_function(kernel, site.file, name));
  const site = sites[number];
  if (site !== undefined) return { where: `${name}, kernel/${site.file}:${site.line}`, sites: new Set([number]) };
  const known = new Set(sites.filter((one) => has_function(kernel, one.file, one.function)).map((one) => one.function));
  const elsewhere = KERNEL_NAMES.filter((other) => sites.some((one) => one.function === name && has_function(other, one.file, name)));
  if (elsewhere.length > 0) throw new CommandError(`Kernel ${kernel} has no function '${name}'; ${elsewhere.join(", ")} ${elsewhere.length === 1 ? "has" : "have"}.`);
  const entered = [`sys_${name}`, `do_${name}`].find((longer) => known.has(longer));
  throw new CommandError(`There is no kernel function or event '${name}' to stop at.${didYouMean(entered ?? suggest(name, [...known, ...ALL_EVENTS]))}`);
}
