// Makes one kernel file steppable and watchable (design: docs/instrumenter.md; run-time half: hooks.ts).
// Pure: text in; text, source map and sites out.
import { generate } from "@babel/generator";
import { parse } from "@babel/parser";
import * as t from "@babel/types";
import type { Site } from "lockbreak:sites";
import { SiteRanges } from "./site-ranges.ts";
import { makePlainVariant, PLAIN } from "./plain.ts";
import { InstrumentError, findProblems } from "./problems.ts";
import { type Names, rewriteFunction } from "./rewrite.ts";
import { askForSubscribers } from "./tracepoints.ts";
import { traverse } from "./traverse.ts";
import type { BuildVariant } from "./build-variant.ts";
import { addGuardedBarriers, makeWatchedVariant, WATCHED, type BarrierNames } from "./watched.ts";

export interface Input {
  /** Path below the instrumented folder, as the site table has it. */
  readonly file: string;
  /** Import specifier of hooks.ts, relative to the file. */
  readonly hooks: string;
  /** Number of the file's first site in the whole table. */
  readonly firstSite: number;
  /** The functions of the instrumented file that an import specifier of this one resolves to. */
  readonly functions: (specifier: string) => FunctionNames;
  /** May change the expressions of a tree that was just parsed, as long as statements and calls with `yield*` stay as they are. */
  readonly prepare?: ((ast: t.File) => void) | undefined;
}

/** The functions that a file declares at its top level and that have variants in each build, by name. */
export interface FunctionNames {
  readonly watched: ReadonlySet<string>;
  readonly plain: ReadonlySet<string>;
}

export interface Instrumented {
  /** TypeScript still; the types are stripped later. */
  readonly code: string;
  /** From `code` to the given source, version 3. */
  readonly map: object;
  readonly sites: readonly Site[];
}

/**
 * Instruments every function of `source`: hooks before the statements of generator functions, a plain variant of those, and a
 * watched variant of each.
 * @throws InstrumentError listing all syntax errors and refused constructs.
 */
export function instrument(source: string, { file, hooks, firstSite, functions, prepare }: Input): Instrumented {
  const parsed = (): t.File => {
    const tree = parseFile(source, file);
    prepare?.(tree);
    return tree;
  };
  const ast = parsed();
  const problems = findProblems(ast);
  if (problems.length > 0) throw new InstrumentError(file, problems);

  const names = freeNames(ast);
  const heads = new SiteRanges(ast, source);
  const sites: Site[] = [];
  const originals = topLevelFunctions(ast);
  // Parsed again: copied nodes would have no positions.
  const [forWatched, forPlain] = [parsed(), parsed()];
  const machine = [ast, forWatched, forPlain].map((some) => askForSubscribers(some, names.machine))[0]!;
  const watched = makeWatchedVariant(forWatched, names, (specifier) => functions(specifier).watched);
  const plain = makePlainVariant(forPlain, names.state, (specifier) => functions(specifier).plain);
  addGuardedBarriers(ast, names);
  for (const node of originals) {
    if (!node.generator) continue;
    const first = sites.length;
    rewriteFunction(node, names, heads, (site) => sites.push({ file, ...site }) - 1 + firstSite);
    // The watched variant stops at the same sites.
    let again = firstSite + first;
    rewriteFunction(watched.functions.get(node.id!.name)!, names, heads, () => again++);
  }
  insertVariants(ast, [watched.functions, plain.functions]);
  ast.program.body.unshift(importHooks(names, hooks), ...(machine === null ? [] : [machine]), ...watched.imports, ...plain.imports);
  return { ...print(ast, file, source), sites };
}

/**
 * A file that only passes tracepoints, with those rewritten; null if there is nothing to rewrite.
 * @throws InstrumentError listing syntax errors
 */
export function instrumentTracepoints(source: string, file: string): Omit<Instrumented, "sites"> | null {
  const ast = parseFile(source, file);
  const machine = askForSubscribers(ast, freeNames(ast).machine);
  if (machine === null) return null;
  ast.program.body.unshift(machine);
  return print(ast, file, source);
}

/** The functions of a file that have variants. */
export function functionNames(source: string, file: string): FunctionNames {
  const functions = topLevelFunctions(parseFile(source, file));
  const names = ({ appliesTo }: BuildVariant): Set<string> => new Set(functions.filter(appliesTo).map(({ id }) => id!.name));
  return { watched: names(WATCHED), plain: names(PLAIN) };
}

function print(ast: t.File, file: string, source: string): Omit<Instrumented, "sites"> {
  const sourceFileName = file.slice(file.lastIndexOf("/") + 1);
  const { code, map } = generate(ast, { sourceMaps: true, sourceFileName, comments: false }, source);
  return { code, map: map as object };
}

function topLevelFunctions(ast: t.File): t.FunctionDeclaration[] {
  return ast.program.body
    .map(declarationOf)
    .filter((node): node is t.FunctionDeclaration => t.isFunctionDeclaration(node) && node.id != null);
}

/** Puts the variants of each function behind it, exported if that is. */
function insertVariants(ast: t.File, variants: readonly ReadonlyMap<string, t.FunctionDeclaration>[]): void {
  ast.program.body = ast.program.body.flatMap((statement) => {
    const node = declarationOf(statement);
    if (!t.isFunctionDeclaration(node) || !node.id) return [statement];
    const mine = variants.flatMap((some) => some.get(node.id!.name) ?? []);
    return [statement, ...mine.map((variant) => (t.isExportNamedDeclaration(statement) ? t.exportNamedDeclaration(variant) : variant))];
  });
}

/** The bundler drops what is not used. */
function importHooks({ state, call, store }: Names & BarrierNames, hooks: string): t.ImportDeclaration {
  const specifiers = Object.entries({ $: state, $call: call, $store: store }).map(([exported, local]) =>
    t.importSpecifier(t.identifier(local), t.identifier(exported)),
  );
  return t.importDeclaration(specifiers, t.stringLiteral(hooks));
}

function parseFile(source: string, file: string): t.File {
  try {
    return parse(source, {
      sourceType: "module",
      plugins: ["typescript", "explicitResourceManagement"],
      tokens: true,
      attachComment: false,
    });
  } catch (error) {
    // Babel's parser throws SyntaxErrors that carry a position; anything else is not about the source.
    if (!(error instanceof SyntaxError && "loc" in error)) throw error;
    const { line, column } = error.loc as { line: number; column: number };
    throw new InstrumentError(file, [
      { code: "INSTRUMENT_SYNTAX", message: error.message.replace(/ \(\d+:\d+\)$/, ""), line, column: column + 1 },
    ]);
  }
}

function declarationOf(statement: t.Statement): t.Node | null | undefined {
  return t.isExportNamedDeclaration(statement) || t.isExportDefaultDeclaration(statement) ? statement.declaration : statement;
}

/** Names for imports and helper variables that occur nowhere in the file. */
function freeNames(ast: t.File): Names & BarrierNames & { readonly machine: string } {
  const taken = new Set<string>();
  traverse(ast, { noScope: true, Identifier: (path) => void taken.add(path.node.name) });
  const free = (wanted: string) => {
    let name = wanted;
    for (let i = 1; taken.has(name); i++) name = `${wanted}${i}`;
    return name;
  };
  return {
    state: free("$"),
    call: free("$call"),
    store: free("$store"),
    inner: free("$inner"),
    result: free("$result"),
    machine: free("$machine"),
  };
}
