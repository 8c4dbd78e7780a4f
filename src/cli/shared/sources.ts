// Where statements stand: sites as file, line and function, and the text of the lines. The kernel model's sources are
// shipped beside the program and read when they are first shown.

import { existsSync, readFileSync } from "node:fs";
import sites, { type Site } from "lockbreak:sites";
import type { Frames } from "../../engine/machine/hooks.ts";
import { SCENARIO_SITES } from "../../engine/replay/stepping.ts";
import type { Program, Range, Statement } from "../../scenario/program/program.ts";
import { quote } from "../../scenario/program/quote.ts";
import { allStatements } from "../../scenario/program/statements.ts";
import { format_table } from "./format.ts";
import type { Loaded } from "./load.ts";

/** A place in a source text. */
export interface Place {
  /** As users see and write it: `kernel/vmtrunc4/memory.ts`, `truncate.vmscn`. */
  readonly file: string;
  readonly line: number;
  /** The kernel function; null in the scenario. */
  readonly function: string | null;
}

/** A frame of a stack as it is shown. */
export interface StackLine {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  /** The text of the line. */
  readonly text: string;
}

/** A stack in lines of text. */
export function formatStack(stack: readonly StackLine[]): string[] {
  return format_table(stack.map((frame, number) => [`#${number}`, frame.function, `${frame.file}:${frame.line}`, frame.text]), new Set());
}

/** The folder of the kernel model's sources in the package. */
const KERNEL_SOURCES = new URL("./kernel/", import.meta.url);

export class Sources {
  /** Ranges of the scenario's statements, by number. */
  readonly statements: readonly Range[];
  /** Sites of the `stop` statements. */
  readonly stops: ReadonlySet<number>;
  /** The name of the scenario in places. */
  readonly scenarioFile: string;
  private readonly files = new Map<string, readonly string[]>();

  constructor(
    readonly scenario: Loaded,
    program: Program,
  ) {
    const statements = allStatements(program);
    this.statements = statements.map(({ range }) => range);
    this.stops = new Set(statements.filter(({ kind }) => kind === "stop").map(({ site }) => SCENARIO_SITES + site));
    this.scenarioFile = program.uri;
    this.files.set(program.uri, scenario.lines);
  }

  /** Where a site stands; undefined for a number that is no site. */
  place(site: number): Place | undefined {
    const kernel: Site | undefined = sites[site];
    if (kernel !== undefined) return { file: `kernel/${kernel.file}`, line: kernel.line, function: kernel.function };
    const range = this.statements[site - SCENARIO_SITES];
    return range === undefined ? undefined : { file: this.scenarioFile, line: range.line, function: null };
  }

  /** The lines of a file, from 0; empty if there is no such file. */
  lines(file: string): readonly string[] {
    let lines = this.files.get(file);
    if (lines === undefined) {
      lines = readKernelSource(file);
      this.files.set(file, lines);
    }
    return lines;
  }

  /** The source text of a site on one line: a line of the kernel, a statement of the scenario. */
  textAt(site: number): string {
    const range = this.statements[site - SCENARIO_SITES];
    if (range !== undefined) return this.text({ range });
    const place = this.place(site);
    return place === undefined ? "" : (this.lines(place.file)[place.line - 1]?.trim() ?? "");
  }

  /** A statement of the scenario as it was written, on one line. */
  text({ range }: Pick<Statement, "range">): string {
    return quote(this.lines(this.scenarioFile), range);
  }

  /** A stack, innermost frame first. `name` is what the frame of the scenario is called. */
  stack(frames: Frames, name: string): StackLine[] {
    return frames.flatMap(([site]) => {
      const place = this.place(site);
      return place === undefined ? [] : [{ ...place, function: place.function ?? name, text: this.textAt(site) }];
    });
  }

  /** The lines of `file` on which a site is that `wanted` accepts. */
  linesOf(file: string, wanted: (site: number) => boolean): ReadonlySet<number> {
    const all = [...sites.keys(), ...[...this.statements.keys()].map((number) => SCENARIO_SITES + number)];
    return new Set(all.filter(wanted).flatMap((site) => {
      const place = this.place(site);
      return place?.file === file ? [place.line] : [];
    }));
  }
}

function readKernelSource(file: string): readonly string[] {
  const path = new URL(file.replace(/^kernel\//, ""), KERNEL_SOURCES);
  return existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
}
