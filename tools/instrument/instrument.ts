// Makes the generator functions of one kernel file steppable (design: docs/instrumenter.md; run-time half: hooks.ts).
// Pure: text in; text, source map and sites out.
import { generate } from "@babel/generator";
import { parse } from "@babel/parser";
import * as t from "@babel/types";
import type { Site } from "lockbreak:sites";
import { Heads } from "./heads.ts";
import { InstrumentError, findProblems, traverse } from "./problems.ts";
import { type Names, rewriteFunction } from "./rewrite.ts";

export interface Input {
  /** Path below the instrumented folder, as it shall stand in the site table. */
  readonly file: string;
  /** Import specifier of hooks.ts, relative to the file. */
  readonly hooks: string;
  /** Number of the file's first site in the whole table. */
  readonly firstSite: number;
}

export interface Instrumented {
  /** TypeScript still; the types are stripped later. Unchanged if the file has no generator function. */
  readonly code: string;
  /** From `code` to the given source, version 3; undefined if the code is unchanged. */
  readonly map: object | undefined;
  readonly sites: readonly Site[];
}

/**
 * Instruments every generator function of `source`.
 * @throws InstrumentError listing all syntax errors and refused constructs.
 */
export function instrument(source: string, { file, hooks, firstSite }: Input): Instrumented {
  const ast = parseFile(source, file);
  const problems = findProblems(ast);
  if (problems.length > 0) throw new InstrumentError(file, problems);

  const functions = ast.program.body.map(declarationOf).filter((node) => t.isFunctionDeclaration(node, { generator: true }));
  const sites: Site[] = [];
  if (functions.length === 0) return { code: source, map: undefined, sites };
  const names = freeNames(ast);
  const heads = new Heads(ast, source);
  for (const node of functions) {
    rewriteFunction(node as t.FunctionDeclaration, names, heads, (site) => {
      sites.push({ file, ...site });
      return firstSite + sites.length - 1;
    });
  }
  const imported = [names.state, names.call].map((local, i) => t.importSpecifier(t.identifier(local), t.identifier(["$", "$call"][i] as string)));
  ast.program.body.unshift(t.importDeclaration(imported, t.stringLiteral(hooks)));
  const sourceFileName = file.slice(file.lastIndexOf("/") + 1);
  const { code, map } = generate(ast, { sourceMaps: true, sourceFileName, comments: false }, source);
  return { code, map: map ?? undefined, sites };
}

function parseFile(source: string, file: string): t.File {
  try {
    return parse(source, { sourceType: "module", plugins: ["typescript", "explicitResourceManagement"], tokens: true, attachComment: false });
  } catch (error) {
    // Babel's parser throws SyntaxErrors that carry a position; anything else is not about the source.
    if (!(error instanceof SyntaxError && "loc" in error)) throw error;
    const { line, column } = error.loc as { line: number; column: number };
    throw new InstrumentError(file, [{ code: "INSTRUMENT_SYNTAX", message: error.message.replace(/ \(\d+:\d+\)$/, ""), line, column: column + 1 }]);
  }
}

function declarationOf(statement: t.Statement): t.Node | null | undefined {
  return t.isExportNamedDeclaration(statement) || t.isExportDefaultDeclaration(statement) ? statement.declaration : statement;
}

/** Names for imports and helper variables that occur nowhere in the file. */
function freeNames(ast: t.File): Names {
  const taken = new Set<string>();
  traverse(ast, { noScope: true, Identifier: (path) => void taken.add(path.node.name) });
  const free = (wanted: string) => {
    let name = wanted;
    for (let i = 1; taken.has(name); i++) name = `${wanted}${i}`;
    return name;
  };
  return { state: free("$"), call: free("$call"), inner: free("$inner"), result: free("$result") };
}
