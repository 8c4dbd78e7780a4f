// The symbol table of the tree of a document, which may be incomplete.

import { AstUtils, type AstNode } from "langium";
import {
  callsByName,
  CONSTANTS,
  DEFAULT_KERNEL,
  FIELDS,
  type CallEntry,
  type FieldEntry,
  type Parameter,
} from "../scenario/catalogue/index.ts";
import { roundUpToPage } from "../scenario/program/pages.ts";
import { constantValue } from "../scenario/check/declarations.ts";
import * as ast from "../scenario/generated/ast.ts";
import { parseExpression } from "../scenario/index.ts";

/** A mapping variable. */
export interface MappingSymbol {
  readonly name: string;
  readonly process: ProcessSymbol;
  /** The first assignment to it. */
  readonly node: ast.Assignment;
  /** The number of assignments: with several, its address and length are known only during the run. */
  assignments: number;
}

export interface ProcessSymbol {
  readonly name: string;
  /** Where it is declared, or where its parent forks it. */
  readonly node: ast.ProcessDeclaration | ast.Assignment;
  readonly mappings: Map<string, MappingSymbol>;
  /** The children that it forks, by the variables that name them. */
  readonly children: Map<string, ProcessSymbol>;
}

/** The symbols that are in scope in all bodies. Of several declarations of a name the first counts. */
export interface SymbolTable {
  /** The kernel that the scenario names, or the default. */
  readonly kernel: string;
  readonly files: ReadonlyMap<string, ast.FileDeclaration>;
  readonly processes: ReadonlyMap<string, ProcessSymbol>;
  readonly tasks: ReadonlyMap<string, ast.TaskDeclaration>;
}

/** What a chain of names resolves to. */
export type ResolvedSymbol =
  | { readonly kind: "file"; readonly node: ast.FileDeclaration }
  | { readonly kind: "process"; readonly process: ProcessSymbol }
  | { readonly kind: "task"; readonly node: ast.TaskDeclaration }
  | { readonly kind: "mapping"; readonly mapping: MappingSymbol }
  | { readonly kind: "field"; readonly field: FieldEntry; readonly owner: keyof typeof FIELDS }
  | { readonly kind: "constant"; readonly name: string };

/** Builds the symbol table of a tree, in which names may be missing. */
export function symbolTableOf(root: ast.Scenario): SymbolTable {
  const files = new Map<string, ast.FileDeclaration>();
  const processes = new Map<string, ProcessSymbol>();
  const tasks = new Map<string, ast.TaskDeclaration>();
  const kernel = root.declarations.find(ast.isKernelChoice)?.name?.replaceAll('"', "") ?? DEFAULT_KERNEL;
  for (const node of root.declarations) {
    if (ast.isFileDeclaration(node) && isNamed(node.name) && !files.has(node.name)) files.set(node.name, node);
    if (ast.isProcessDeclaration(node) && isNamed(node.name) && !processes.has(node.name)) {
      processes.set(node.name, { name: node.name, node, mappings: new Map(), children: new Map() });
    }
    if (ast.isTaskDeclaration(node) && isNamed(node.name) && !tasks.has(node.name)) tasks.set(node.name, node);
  }
  for (const process of processes.values()) addVariables(process, process.node);
  for (const task of tasks.values()) {
    const process = processes.get(task.process);
    if (process !== undefined) addVariables(process, task);
  }
  return { kernel, files, processes, tasks };
}

function addVariables(process: ProcessSymbol, body: AstNode): void {
  for (const node of AstUtils.streamAllContents(body).filter(ast.isAssignment)) {
    if (!isNamed(node.name)) continue;
    if (ast.isCall(node.value) && callsByName.get(node.value.name)?.result === "process") {
      // A child has the mappings of its parent.
      if (!process.children.has(node.name)) {
        process.children.set(node.name, { name: `${process.name}.${node.name}`, node, mappings: process.mappings, children: new Map() });
      }
      continue;
    }
    const before = process.mappings.get(node.name);
    if (before === undefined) process.mappings.set(node.name, { name: node.name, process, node, assignments: 1 });
    else before.assignments++;
  }
}

/** Is there a name? In the tree of an incomplete text it may be missing, although its type denies it. */
export function isNamed(name: string | undefined): name is string {
  return name !== undefined && name !== "";
}

/**
 * Resolves a chain of names: `viewer[3].V.file` is ["viewer", "V", "file"].
 * @param process the process whose mappings are in scope without its name
 */
export function resolvePath(
  [first, ...rest]: readonly string[],
  symbols: SymbolTable,
  process: ProcessSymbol | undefined,
): ResolvedSymbol | undefined {
  let symbol = first === undefined ? undefined : resolveName(first, symbols, process);
  for (const name of rest) symbol = symbol === undefined ? undefined : resolveMember(symbol, name);
  return symbol;
}

function resolveName(
  name: string,
  { files, processes, tasks }: SymbolTable,
  process: ProcessSymbol | undefined,
): ResolvedSymbol | undefined {
  const mapping = process?.mappings.get(name);
  if (mapping !== undefined) return { kind: "mapping", mapping };
  const child = process?.children.get(name);
  if (child !== undefined) return { kind: "process", process: child };
  const file = files.get(name);
  if (file !== undefined) return { kind: "file", node: file };
  const named = processes.get(name);
  if (named !== undefined) return { kind: "process", process: named };
  const task = tasks.get(name);
  if (task !== undefined) return { kind: "task", node: task };
  return Object.hasOwn(CONSTANTS, name) ? { kind: "constant", name } : undefined;
}

function resolveMember(symbol: ResolvedSymbol, name: string): ResolvedSymbol | undefined {
  const mapping = symbol.kind === "process" ? symbol.process.mappings.get(name) : undefined;
  if (mapping !== undefined) return { kind: "mapping", mapping };
  const child = symbol.kind === "process" ? symbol.process.children.get(name) : undefined;
  if (child !== undefined) return { kind: "process", process: child };
  const owner = fieldOwner(symbol);
  const field = owner === undefined ? undefined : FIELDS[owner].find((entry) => entry.name === name);
  return owner === undefined || field === undefined ? undefined : { kind: "field", field, owner };
}

/** The catalogue key of the fields of a symbol; undefined if it has none, or those of a kernel struct. */
export function fieldOwner(symbol: ResolvedSymbol): keyof typeof FIELDS | undefined {
  const kind = symbol.kind === "field" ? symbol.field.type : symbol.kind;
  return Object.hasOwn(FIELDS, kind) ? (kind as keyof typeof FIELDS) : undefined;
}

/** The arguments of a call by the parameters that take them. */
export function argumentsByParameter(
  call: ast.Call,
  entry: { readonly parameters: readonly Parameter[] },
): ReadonlyMap<string, ast.Argument> {
  const found = new Map<string, ast.Argument>();
  for (const [i, node] of call.arguments.entries()) {
    const name = node.name ?? entry.parameters[i]?.name;
    if (name !== undefined) found.set(name, node);
  }
  return found;
}

/** The value of a constant expression; undefined if it is not constant. */
export function constantOf(node: ast.Expression | undefined): number | undefined {
  const text = node?.$cstNode?.text;
  return text === undefined ? undefined : constantValue(parseExpression(text).expr);
}

/** The static properties of a mapping. Lengths and offsets in bytes. */
export interface MappingFacts {
  /** The name of its file. */
  readonly file: string | undefined;
  readonly offset: number | undefined;
  /** A multiple of the page size; undefined if it is known only during the run. */
  readonly length: number | undefined;
  readonly prot: string;
  readonly flags: string;
  /** Its address; undefined if the kernel chooses. */
  readonly at: number | undefined;
}

/**
 * The static properties of a mapping; undefined if its first assignment is no mmap. Those that later assignments may change are
 * undefined.
 */
export function mappingFacts({ node, assignments, process }: MappingSymbol, symbols: SymbolTable): MappingFacts | undefined {
  const entry = callsByName.get("mmap")!;
  if (!ast.isCall(node.value) || node.value.name !== entry.name) return undefined;
  const given = argumentsByParameter(node.value, entry);
  const value = (name: string) => constantOf(given.get(name)?.value);
  const file = given.get("file")?.value?.$cstNode?.text;
  const offset = given.has("offset") ? value("offset") : 0;
  const size = file === undefined ? undefined : constantOf(symbols.files.get(file)?.size);
  const sizeIsKnown = AstUtils.getContainerOfType(node, ast.isProcessDeclaration) === process.node && !setupTruncates(symbols);
  const rest = size === undefined || offset === undefined || !sizeIsKnown ? undefined : roundUpToPage(size) - offset;
  const asked = given.has("length") ? value("length") : rest;
  return {
    file,
    offset,
    length: asked === undefined || assignments > 1 ? undefined : roundUpToPage(asked),
    prot: flagsText(given, entry, "prot"),
    flags: flagsText(given, entry, "flags"),
    at: assignments > 1 ? undefined : value("at"),
  };
}

/** Does the set-up of the processes change the sizes of files? */
function setupTruncates({ processes }: SymbolTable): boolean {
  return [...processes.values()].some(({ node }) =>
    AstUtils.streamAllContents(node).some((inner) => ast.isCall(inner) && (inner.name === "truncate" || inner.name === "ftruncate")),
  );
}

function flagsText(given: ReadonlyMap<string, ast.Argument>, { parameters }: CallEntry, name: string): string {
  const initial = parameters.find((parameter) => parameter.name === name)?.default;
  return given.get(name)?.value?.$cstNode?.text ?? (Array.isArray(initial) ? initial.join("|") : "");
}
