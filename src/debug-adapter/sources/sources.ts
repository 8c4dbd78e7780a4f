// Source texts between client and engine: which file a client means, what statements it has, and what a statement's place
// is called to the client.

import type { DebugProtocol } from "@vscode/debugprotocol";
import kernel_texts from "lockbreak:kernel-sources";
import sites from "lockbreak:sites";
import { has_file, type KernelName } from "../../engine/kernel/variants.ts";
import { SCENARIO_SITES } from "../../engine/replay/stepping.ts";
import { parseScenario, type Range, type Statement } from "../../scenario/index.ts";
import { allStatements } from "../../scenario/program/statements.ts";
import { errors } from "../protocol/errors.ts";
import type { Host } from "./host.ts";
import { mistakes, type Debuggee } from "../launch/launch.ts";
import { kernelFile } from "./kernel-paths.ts";
import { baseName, normalize, toUri } from "../protocol/paths.ts";
import type { LaunchArguments } from "../protocol/protocol.ts";
import { kernelFiles, kernelSpots, scenarioSpots, type Spot } from "./sites.ts";

/** What a client has said in `initialize` about lines, columns and paths. */
export interface ClientConventions {
  readonly linesStartAt1: boolean;
  readonly columnsStartAt1: boolean;
  readonly uris: boolean;
}

/** The statements of a source, or why there are none; an empty reason for files that are none of ours. */
export type Spots = { readonly spots: readonly Spot[] } | { readonly problem: string };

export class Sources {
  conventions: ClientConventions = { linesStartAt1: true, columnsStartAt1: true, uris: false };
  /** The launch that was asked for, from the moment it was. */
  launch: LaunchArguments | null = null;
  debuggee: Debuggee | null = null;

  private readonly closed: Promise<never>;
  /** Makes everybody who waits for a file fail. */
  close: () => void = () => undefined;

  constructor(private readonly host: Host) {
    this.closed = new Promise((_resolve, reject) => (this.close = () => reject(new Error("the session has ended"))));
    this.closed.catch(() => undefined);
  }

  /** The text of a file; fails if there is none, or when the session ends. */
  read(path: string): Promise<string> {
    return Promise.race([this.host.readFile(path), this.closed]);
  }

  get kernel(): KernelName | null {
    return this.debuggee?.kernel ?? null;
  }

  /** The same for every spelling of a source. */
  key({ path, sourceReference }: DebugProtocol.Source): string {
    return path === undefined || path === "" ? `#${sourceReference ?? 0}` : normalize(path);
  }

  /** The statements of the file that a client means. */
  async spots(source: DebugProtocol.Source): Promise<Spots> {
    const kernel = this.kernelFile(source);
    if (kernel !== null) return kernel_texts[kernel] === undefined ? { problem: "There is no such file among the kernel's sources." } : { spots: kernelSpots(kernel) };
    const { path } = source;
    if (path === undefined || path === "") return { problem: "" };
    if (this.debuggee !== null && this.isProgram(source)) return { spots: scenarioSpots(this.debuggee.statements) };
    // Another scenario than the one that runs, or a file of another language.
    if (!this.isProgram(source) && (this.launch !== null || !/\.vmscn$/i.test(normalize(path)))) return { problem: "" };
    return this.readSpots(path);
  }

  private async readSpots(path: string): Promise<Spots> {
    let text: string;
    try {
      text = (this.isProgram({ path }) ? this.launch?.text : undefined) ?? (await this.read(path));
    } catch (error) {
      return { problem: `The scenario cannot be read: ${error instanceof Error ? error.message : String(error)}.` };
    }
    const parsed = parseScenario(text, baseName(path));
    const [mistake] = mistakes(parsed);
    if (parsed.program === undefined) return { problem: `The scenario has mistakes: line ${mistake?.range.line ?? 1}: ${mistake?.message ?? ""}` };
    return { spots: scenarioSpots(allStatements(parsed.program)) };
  }

  /** Is it the scenario that was launched? */
  isProgram({ path }: DebugProtocol.Source): boolean {
    return this.launch !== null && path !== undefined && normalize(this.launch.program) === normalize(path);
  }

  private kernelFile({ path, sourceReference }: DebugProtocol.Source): string | null {
    if (path !== undefined && path !== "") return kernelFile(path, this.launch?.kernelSources, this.host.kernelFolder);
    return sourceReference === undefined || sourceReference === 0 ? null : ([...kernelFiles()][sourceReference - 1] ?? null);
  }

  /** A file of the kernel, to a client. */
  kernelSource(file: string): DebugProtocol.Source {
    const name = file.split("/").at(-1)!;
    const base = this.launch?.kernelSources;
    if (base !== undefined) return { name, path: `${base}${base.endsWith("/") ? "" : "/"}${file}` };
    if (this.host.kernelFolder !== null) return { name, path: this.clientPath(`${this.host.kernelFolder}/${file}`) };
    return { name: file, sourceReference: [...kernelFiles()].indexOf(file) + 1 };
  }

  /** The scenario, to a client. */
  scenarioSource({ launch, program }: Debuggee): DebugProtocol.Source {
    return { name: program.uri, path: this.clientPath(launch.program) };
  }

  private clientPath(path: string): string {
    return this.conventions.uris ? toUri(path) : path;
  }

  /** The text of a source that a client cannot open itself. */
  text(reference: number): string {
    const file = this.kernelFile({ sourceReference: reference });
    const text = file === null ? undefined : kernel_texts[file];
    if (text === undefined) throw errors.no_source();
    return text;
  }

  /** The text of a statement or call of the kernel, on one line. */
  kernelText(site: number): string {
    const { file, line, column, endLine, endColumn } = sites[site]!;
    const lines = kernel_texts[file]!.split("\n").slice(line - 1, endLine);
    lines.push(lines.pop()!.slice(0, endColumn - 1));
    lines.unshift(lines.shift()!.slice(column - 1));
    return lines.map((part) => part.trim()).join(" ");
  }

  /** The files that a run consists of. */
  loaded(debuggee: Debuggee): DebugProtocol.Source[] {
    return [this.scenarioSource(debuggee), ...kernelFilesOf(debuggee).map((file) => this.kernelSource(file))];
  }

  /** The files of the kernel that runs, as modules. */
  modules(debuggee: Debuggee): DebugProtocol.Module[] {
    return kernelFilesOf(debuggee).map((file) => {
      const { name, path } = this.kernelSource(file);
      // The folder says which kernel brought it.
      return { id: file, name: name!, ...(path === undefined ? {} : { path }), version: file.split("/")[0]!, isUserCode: true };
    });
  }

  isScenarioSite(site: number): boolean {
    return site >= SCENARIO_SITES;
  }

  scenarioSites(statements: readonly Statement[]): Set<number> {
    return new Set(statements.map(({ site }) => SCENARIO_SITES + site));
  }

  /** Where a statement is and what it is called: the function it is in, or its own text. */
  place(site: number, debuggee: Debuggee): { readonly name: string; readonly source: DebugProtocol.Source; readonly range: Range } | null {
    const kernel = sites[site];
    if (kernel !== undefined) return { name: kernel.function, source: this.kernelSource(kernel.file), range: kernel };
    const statement = debuggee.statements[site - SCENARIO_SITES];
    return statement === undefined ? null : { name: debuggee.quote(statement), source: this.scenarioSource(debuggee), range: statement.range };
  }

  /** A range as the client counts. */
  clientRange({ line, column, endLine, endColumn }: Range): { line: number; column: number; endLine: number; endColumn: number } {
    const { linesStartAt1, columnsStartAt1 } = this.conventions;
    const [lines, columns] = [linesStartAt1 ? 0 : 1, columnsStartAt1 ? 0 : 1];
    return { line: line - lines, column: column - columns, endLine: endLine - lines, endColumn: endColumn - columns };
  }

  /** A line that a client has sent, from 1. */
  line(line: number): number {
    return this.conventions.linesStartAt1 ? line : line + 1;
  }

  /** A column that a client has sent, from 1. */
  column(column: number | undefined): number | undefined {
    return column === undefined || this.conventions.columnsStartAt1 ? column : column + 1;
  }
}

function kernelFilesOf({ kernel }: Debuggee): string[] {
  return [...kernelFiles()].filter((file) => has_file(kernel, file));
}
