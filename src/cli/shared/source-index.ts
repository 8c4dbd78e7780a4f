// Maps sites to their source locations and the text of their lines. The kernel model's sources are shipped beside the program and
// read when they are first shown.

import { existsSync, readFileSync } from "node:fs";
import sites, { type Site } from "lockbreak:sites";
import type { Frames } from "../../engine/machine/hooks.ts";
import { FIRST_SCENARIO_SITE } from "../../engine/replay/stepping.ts";
import type { Program, Range, Statement } from "../../scenario/program/program.ts";
import { sourceExcerpt } from "../../scenario/program/source-excerpt.ts";
import { statementsBySite } from "../../scenario/program/traversal.ts";
import { format_table } from "./format.ts";
import type { LoadedScenario } from "./load-scenario.ts";

/** The location of a site in a source file. */
export interface SiteLocation {
  /** As users see and write it: `kernel/vmtrunc4/memory.ts`, `truncate.vmscn`. */
  readonly file: string;
  readonly line: number;
  /** The kernel function; null in the scenario. */
  readonly function: string | null;
}

/** A stack frame as it is shown. */
export interface StackLine {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  /** The text of the line. */
  readonly text: string;
}

/** A stack in lines of text. */
export function formatStack(stack: readonly StackLine[]): string[] {
  return format_table(
    stack.map((frame, number) => [`#${number}`, frame.function, `${frame.file}:${frame.line}`, frame.text]),
    new Set(),
  );
}

/** The folder of the kernel model's sources in the package. */
const KERNEL_SOURCES = new URL("./kernel/", import.meta.url);

export class SourceIndex {
  /** Ranges of the scenario's statements, by number. */
  readonly statements: readonly Range[];
  /** Sites of the `stop` statements. */
  readonly stopSites: ReadonlySet<number>;
  /** The name of the scenario's file in locations. */
  readonly scenarioFile: string;
  private readonly files = new Map<string, readonly string[]>();

  constructor(
    readonly scenario: LoadedScenario,
    program: Program,
  ) {
    const statements = statementsBySite(program);
    this.statements = statements.map(({ range }) => range);
    this.stopSites = new Set(statements.filter(({ kind }) => kind === "stop").map(({ site }) => FIRST_SCENARIO_SITE + site));
    this.scenarioFile = program.uri;
    this.files.set(program.uri, scenario.lines);
  }

  /** The location of a site; undefined for a number that is no site. */
  location(site: number): SiteLocation | undefined {
    const kernel: Site | undefined = sites[site];
    if (kernel !== undefined) return { file: `kernel/${kernel.file}`, line: kernel.line, function: kernel.function };
    const range = this.statements[site - FIRST_SCENARIO_SITE];
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
  siteText(site: number): string {
    const range = this.statements[site - FIRST_SCENARIO_SITE];
    if (range !== undefined) return this.statementText({ range });
    const place = this.location(site);
    return place === undefined ? "" : (this.lines(place.file)[place.line - 1]?.trim() ?? "");
  }

  /** A statement of the scenario as it was written, on one line. */
  statementText({ range }: Pick<Statement, "range">): string {
    return sourceExcerpt(this.lines(this.scenarioFile), range);
  }

  /** A stack, innermost frame first. `name` is what the frame of the scenario is called. */
  stackLines(frames: Frames, name: string): StackLine[] {
    return frames.flatMap(([site]) => {
      const place = this.location(site);
      return place === undefined ? [] : [{ ...place, function: place.function ?? name, text: this.siteText(site) }];
    });
  }

  /** The lines of `file` with a site that `accept` accepts. */
  linesWithSites(file: string, accept: (site: number) => boolean): ReadonlySet<number> {
    const all = [...sites.keys(), ...[...this.statements.keys()].map((number) => FIRST_SCENARIO_SITE + number)];
    return new Set(
      all.filter(accept).flatMap((site) => {
        const place = this.location(site);
        return place?.file === file ? [place.line] : [];
      }),
    );
  }
}

function readKernelSource(file: string): readonly string[] {
  const path = new URL(file.replace(/^kernel\//, ""), KERNEL_SOURCES);
  return existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
}
