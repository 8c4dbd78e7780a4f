// Sources between client and engine: which file a client means, the statements in it, and how a statement's location is reported
// to the client.

import type { DebugProtocol } from "@vscode/debugprotocol";
import kernel_texts from "lockbreak:kernel-sources";
import sites from "lockbreak:sites";
import { has_file, type KernelName } from "../../engine/kernel/variants.ts";
import { FIRST_SCENARIO_SITE } from "../../engine/replay/stepping.ts";
import { parseScenario, type Range, type Statement } from "../../scenario/index.ts";
import { statementsBySite } from "../../scenario/program/traversal.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import type { Host } from "./host.ts";
import { scenarioErrors, type Debuggee } from "../launch/debuggee.ts";
import { kernelFile } from "./kernel-paths.ts";
import { baseName, normalize, toUri } from "../protocol/paths.ts";
import type { LaunchArguments } from "../protocol/protocol.ts";
import { kernelFiles, kernelLocations, scenarioLocations, type SourceLocation } from "./sites.ts";

/** What `initialize` says about lines, columns and paths. */
export interface ClientConventions {
  readonly linesStartAt1: boolean;
  readonly columnsStartAt1: boolean;
  readonly uris: boolean;
}

/** The statements of a source, or why there are none; the reason is empty for files of other debuggers. */
export type SourceLocations = { readonly locations: readonly SourceLocation[] } | { readonly problem: string };

export class Sources {
  clientConventions: ClientConventions = { linesStartAt1: true, columnsStartAt1: true, uris: false };
  /** The arguments of the launch, from when it is requested. */
  launchArguments: LaunchArguments | null = null;
  debuggee: Debuggee | null = null;

  private readonly closed: Promise<never>;
  /** The session ends: rejects all reads that are pending. */
  close: () => void = () => undefined;

  constructor(private readonly host: Host) {
    this.closed = new Promise((_resolve, reject) => (this.close = () => reject(new Error("the session has ended"))));
    this.closed.catch(() => undefined);
  }

  /** The text of a file; rejects if there is none, or when the session ends. */
  readFile(path: string): Promise<string> {
    return Promise.race([this.host.readFile(path), this.closed]);
  }

  get kernel(): KernelName | null {
    return this.debuggee?.kernel ?? null;
  }

  /** A key that is the same for every spelling of a source. */
  key({ path, sourceReference }: DebugProtocol.Source): string {
    return path === undefined || path === "" ? `#${sourceReference ?? 0}` : normalize(path);
  }

  /** The statements of the file that a client names. */
  async locationsIn(source: DebugProtocol.Source): Promise<SourceLocations> {
    const kernel = this.kernelFile(source);
    if (kernel !== null)
      return kernel_texts[kernel] === undefined
        ? { problem: "There is no such file among the kernel's sources." }
        : { locations: kernelLocations(kernel) };
    const { path } = source;
    if (path === undefined || path === "") return { problem: "" };
    if (this.debuggee !== null && this.isLaunchedScenario(source)) return { locations: scenarioLocations(this.debuggee.statements) };
    // Another scenario than the one that runs, or a file of another language.
    if (!this.isLaunchedScenario(source) && (this.launchArguments !== null || !/\.vmscn$/i.test(normalize(path)))) return { problem: "" };
    return this.readLocations(path);
  }

  private async readLocations(path: string): Promise<SourceLocations> {
    let text: string;
    try {
      text = (this.isLaunchedScenario({ path }) ? this.launchArguments?.text : undefined) ?? (await this.readFile(path));
    } catch (error) {
      return { problem: `The scenario cannot be read: ${error instanceof Error ? error.message : String(error)}.` };
    }
    const parsed = parseScenario(text, baseName(path));
    const [mistake] = scenarioErrors(parsed);
    if (parsed.program === undefined)
      return { problem: `The scenario has mistakes: line ${mistake?.range.line ?? 1}: ${mistake?.message ?? ""}` };
    return { locations: scenarioLocations(statementsBySite(parsed.program)) };
  }

  /** Is it the scenario that was launched? */
  isLaunchedScenario({ path }: DebugProtocol.Source): boolean {
    return this.launchArguments !== null && path !== undefined && normalize(this.launchArguments.program) === normalize(path);
  }

  private kernelFile({ path, sourceReference }: DebugProtocol.Source): string | null {
    if (path !== undefined && path !== "") return kernelFile(path, this.launchArguments?.kernelSources, this.host.kernelFolder);
    return sourceReference === undefined || sourceReference === 0 ? null : ([...kernelFiles()][sourceReference - 1] ?? null);
  }

  /** A file of the kernel, as the client gets it. */
  kernelSource(file: string): DebugProtocol.Source {
    const name = file.split("/").at(-1)!;
    const base = this.launchArguments?.kernelSources;
    if (base !== undefined) return { name, path: `${base}${base.endsWith("/") ? "" : "/"}${file}` };
    if (this.host.kernelFolder !== null) return { name, path: this.clientPath(`${this.host.kernelFolder}/${file}`) };
    return { name: file, sourceReference: [...kernelFiles()].indexOf(file) + 1 };
  }

  /** The scenario, as the client gets it. */
  scenarioSource({ launch, program }: Debuggee): DebugProtocol.Source {
    return { name: program.uri, path: this.clientPath(launch.program) };
  }

  private clientPath(path: string): string {
    return this.clientConventions.uris ? toUri(path) : path;
  }

  /** The text of a source that the client cannot open itself. */
  referencedText(reference: number): string {
    const file = this.kernelFile({ sourceReference: reference });
    const text = file === null ? undefined : kernel_texts[file];
    if (text === undefined) throw adapterErrors.unknownSource();
    return text;
  }

  /** The text of a statement or call of the kernel, on one line. */
  kernelStatementText(site: number): string {
    const { file, line, column, endLine, endColumn } = sites[site]!;
    const lines = kernel_texts[file]!.split("\n").slice(line - 1, endLine);
    lines.push(lines.pop()!.slice(0, endColumn - 1));
    lines.unshift(lines.shift()!.slice(column - 1));
    return lines.map((part) => part.trim()).join(" ");
  }

  /** The scenario and the files of the kernel that runs. */
  loadedSources(debuggee: Debuggee): DebugProtocol.Source[] {
    return [this.scenarioSource(debuggee), ...kernelFilesOf(debuggee).map((file) => this.kernelSource(file))];
  }

  /** The files of the kernel that runs, as modules. */
  modules(debuggee: Debuggee): DebugProtocol.Module[] {
    return kernelFilesOf(debuggee).map((file) => {
      const { name, path } = this.kernelSource(file);
      // The folder is the kernel that has introduced the file.
      return { id: file, name: name!, ...(path === undefined ? {} : { path }), version: file.split("/")[0]!, isUserCode: true };
    });
  }

  isScenarioSite(site: number): boolean {
    return site >= FIRST_SCENARIO_SITE;
  }

  scenarioSites(statements: readonly Statement[]): Set<number> {
    return new Set(statements.map(({ site }) => FIRST_SCENARIO_SITE + site));
  }

  /** The location of a statement, and a name for it: the function that it is in, or its own text. */
  locate(site: number, debuggee: Debuggee): { readonly name: string; readonly source: DebugProtocol.Source; readonly range: Range } | null {
    const kernel = sites[site];
    if (kernel !== undefined) return { name: kernel.function, source: this.kernelSource(kernel.file), range: kernel };
    const statement = debuggee.statements[site - FIRST_SCENARIO_SITE];
    return statement === undefined
      ? null
      : { name: debuggee.quote(statement), source: this.scenarioSource(debuggee), range: statement.range };
  }

  /** A range as the client counts lines and columns. */
  toClientRange({ line, column, endLine, endColumn }: Range): { line: number; column: number; endLine: number; endColumn: number } {
    const { linesStartAt1, columnsStartAt1 } = this.clientConventions;
    const [lines, columns] = [linesStartAt1 ? 0 : 1, columnsStartAt1 ? 0 : 1];
    return { line: line - lines, column: column - columns, endLine: endLine - lines, endColumn: endColumn - columns };
  }

  /** A line that a client has sent, from 1. */
  fromClientLine(line: number): number {
    return this.clientConventions.linesStartAt1 ? line : line + 1;
  }

  /** A column that a client has sent, from 1. */
  fromClientColumn(column: number | undefined): number | undefined {
    return column === undefined || this.clientConventions.columnsStartAt1 ? column : column + 1;
  }
}

function kernelFilesOf({ kernel }: Debuggee): string[] {
  return [...kernelFiles()].filter((file) => has_file(kernel, file));
}
