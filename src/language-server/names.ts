// What the names of a scenario stand for, as far as its tree tells while it is being written.

import { AstUtils, type AstNode } from "langium";
import { calls, CONSTANTS, DEFAULT_KERNEL, FIELDS, type CallEntry, type FieldEntry, type Parameter } from "../scenario/catalogue/index.ts";
import { roundUp, staticNumber } from "../scenario/check/scope.ts";
import * as ast from "../scenario/generated/ast.ts";
import { parseExpression } from "../scenario/index.ts";

/** A mapping variable. */
export interface Mapping {
  readonly name: string;
  readonly process: Process;
  /** The first assignment to it. */
  readonly node: ast.Assignment;
  /** How many there are: with several, its place and length are known to the run only. */
  assignments: number;
}

export interface Process {
  readonly name: string;
  /** Where it is declared, or where its parent forks it. */
  readonly node: ast.ProcessDeclaration | ast.Assignment;
  readonly mappings: Map<string, Mapping>;
  /** What it forks, by the variables that name the children. */
  readonly children: Map<string, Process>;
}

/** The names that all bodies share. A name that is declared twice means the first. */
export interface Names {
  /** The kernel that the scenario names, or the default. */
  readonly kernel: string;
  readonly files: ReadonlyMap<string, ast.FileDeclaration>;
  readonly processes: ReadonlyMap<string, Process>;
  readonly tasks: ReadonlyMap<string, ast.TaskDeclaration>;
}

/** What a name can stand for, and the fields of those. */
export type Thing =
  | { readonly kind: "file"; readonly node: ast.FileDeclaration }
  | { readonly kind: "process"; readonly process: Process }
  | { readonly kind: "task"; readonly node: ast.TaskDeclaration }
  | { readonly kind: "mapping"; readonly mapping: Mapping }
  | { readonly kind: "field"; readonly field: FieldEntry; readonly owner: keyof typeof FIELDS }
  | { readonly kind: "constant"; readonly name: string };

/** Gathers the names of a tree; it may be one of a text with mistakes, in which names are missing. */
export function namesOf(root: ast.Scenario): Names {
  const files = new Map<string, ast.FileDeclaration>();
  const processes = new Map<string, Process>();
  const tasks = new Map<string, ast.TaskDeclaration>();
  const kernel = root.declarations.find(ast.isKernelChoice)?.name?.replaceAll('"', "") ?? DEFAULT_KERNEL;
  for (const node of root.declarations) {
    if (ast.isFileDeclaration(node) && isWord(node.name) && !files.has(node.name)) files.set(node.name, node);
    if (ast.isProcessDeclaration(node) && isWord(node.name) && !processes.has(node.name)) processes.set(node.name, { name: node.name, node, mappings: new Map(), children: new Map() });
    if (ast.isTaskDeclaration(node) && isWord(node.name) && !tasks.has(node.name)) tasks.set(node.name, node);
  }
  for (const process of processes.values()) addVariables(process, process.node);
  for (const task of tasks.values()) {
    const process = processes.get(task.process);
    if (process !== undefined) addVariables(process, task);
  }
  return { kernel, files, processes, tasks };
}

function addVariables(process: Process, body: AstNode): void {
  for (const node of AstUtils.streamAllContents(body).filter(ast.isAssignment)) {
    if (!isWord(node.name)) continue;
    if (ast.isCall(node.value) && calls.get(node.value.name)?.result === "process") {
      // A child has the mappings of its parent.
      if (!process.children.has(node.name)) process.children.set(node.name, { name: `${process.name}.${node.name}`, node, mappings: process.mappings, children: new Map() });
      continue;
    }
    const before = process.mappings.get(node.name);
    if (before === undefined) process.mappings.set(node.name, { name: node.name, process, node, assignments: 1 });
    else before.assignments++;
  }
}

/** Is there a name? In a tree of a text with mistakes it may be missing, whatever its type says. */
export function isWord(name: string | undefined): name is string {
  return name !== undefined && name !== "";
}

/**
 * What a chain of names leads to: `viewer[3].V.file` is ["viewer", "V", "file"].
 * @param process whose mappings are called by their plain names
 */
export function resolve([first, ...rest]: readonly string[], names: Names, process: Process | undefined): Thing | undefined {
  let thing = first === undefined ? undefined : resolveName(first, names, process);
  for (const name of rest) thing = thing === undefined ? undefined : member(thing, name);
  return thing;
}

function resolveName(name: string, { files, processes, tasks }: Names, process: Process | undefined): Thing | undefined {
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

function member(thing: Thing, name: string): Thing | undefined {
  const mapping = thing.kind === "process" ? thing.process.mappings.get(name) : undefined;
  if (mapping !== undefined) return { kind: "mapping", mapping };
  const child = thing.kind === "process" ? thing.process.children.get(name) : undefined;
  if (child !== undefined) return { kind: "process", process: child };
  const owner = fieldOwner(thing);
  const field = owner === undefined ? undefined : FIELDS[owner].find((entry) => entry.name === name);
  return owner === undefined || field === undefined ? undefined : { kind: "field", field, owner };
}

/** Whose fields a thing has; undefined if it has none, or the kernel's own. */
export function fieldOwner(thing: Thing): keyof typeof FIELDS | undefined {
  const kind = thing.kind === "field" ? thing.field.kind : thing.kind;
  return Object.hasOwn(FIELDS, kind) ? (kind as keyof typeof FIELDS) : undefined;
}

/** The arguments of a call by the parameters that take them. */
export function argumentsOf(call: ast.Call, entry: { readonly parameters: readonly Parameter[] }): ReadonlyMap<string, ast.Argument> {
  const found = new Map<string, ast.Argument>();
  for (const [i, node] of call.arguments.entries()) {
    const name = node.name ?? entry.parameters[i]?.name;
    if (name !== undefined) found.set(name, node);
  }
  return found;
}

/** The value of an expression that does not depend on the run, or undefined. */
export function valueOf(node: ast.Expression | undefined): number | undefined {
  const text = node?.$cstNode?.text;
  return text === undefined ? undefined : staticNumber(parseExpression(text).expr);
}

/** What is known beforehand about a mapping. Lengths and offsets in bytes. */
export interface MappingFacts {
  /** The name of its file. */
  readonly file: string | undefined;
  readonly offset: number | undefined;
  /** Whole pages; undefined if only the run will tell. */
  readonly length: number | undefined;
  readonly prot: string;
  readonly flags: string;
  /** Where it is put; undefined if the kernel chooses. */
  readonly at: number | undefined;
}

/** Undefined for a mapping that no mmap makes: one of mremap, or of something unfinished. What its assignments may not agree about is left out. */
export function mappingFacts({ node, assignments, process }: Mapping, names: Names): MappingFacts | undefined {
  const entry = calls.get("mmap")!;
  if (!ast.isCall(node.value) || node.value.name !== entry.name) return undefined;
  const given = argumentsOf(node.value, entry);
  const value = (name: string) => valueOf(given.get(name)?.value);
  const file = given.get("file")?.value?.$cstNode?.text;
  const offset = given.has("offset") ? value("offset") : 0;
  const size = file === undefined ? undefined : valueOf(names.files.get(file)?.size);
  const sizeIsKnown = AstUtils.getContainerOfType(node, ast.isProcessDeclaration) === process.node && !truncates(names);
  const rest = size === undefined || offset === undefined || !sizeIsKnown ? undefined : roundUp(size) - offset;
  const asked = given.has("length") ? value("length") : rest;
  return {
    file,
    offset,
    length: asked === undefined || assignments > 1 ? undefined : roundUp(asked),
    prot: flagsText(given, entry, "prot"),
    flags: flagsText(given, entry, "flags"),
    at: assignments > 1 ? undefined : value("at"),
  };
}

/** Does setting up the processes change the sizes of files? */
function truncates({ processes }: Names): boolean {
  return [...processes.values()].some(({ node }) => AstUtils.streamAllContents(node).some((inner) => ast.isCall(inner) && (inner.name === "truncate" || inner.name === "ftruncate")));
}

function flagsText(given: ReadonlyMap<string, ast.Argument>, { parameters }: CallEntry, name: string): string {
  const initial = parameters.find((parameter) => parameter.name === name)?.default;
  return given.get(name)?.value?.$cstNode?.text ?? (Array.isArray(initial) ? initial.join("|") : "");
}
