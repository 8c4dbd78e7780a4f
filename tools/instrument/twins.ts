// Twins: functions that are built once more, to be called by each other. A twin of `f` has f's name with an ending of its own
// and calls twins where f calls functions that have one. A kernel made of twins is linked by linking.ts.
import type { NodePath } from "@babel/traverse";
import * as t from "@babel/types";
import { traverse } from "./traverse.ts";

/** Which functions get twins, and what those are called. */
export interface TwinKind {
  /** Behind the name of the function. */
  readonly ending: string;
  has(node: t.FunctionDeclaration): boolean;
}

export interface Twins {
  /** By the name of the original. */
  readonly functions: ReadonlyMap<string, t.FunctionDeclaration>;
  readonly imports: readonly t.ImportDeclaration[];
}

export type FunctionPath = NodePath<t.FunctionDeclaration>;

/**
 * Turns the top-level functions of a file into their twins, in place.
 * @param imported names of functions that have twins, by import specifier
 * @param change what is to be different about a twin's body
 */
export function makeTwins(ast: t.File, { ending, has }: TwinKind, imported: (specifier: string) => ReadonlySet<string>, change: (path: FunctionPath) => void): Twins {
  const renamed = new Set<t.Node>();
  const functions = new Map<string, t.FunctionDeclaration>();
  const found: FunctionPath[] = [];
  const imports: t.ImportDeclaration[] = [];
  traverse(ast, {
    Program(program) {
      for (const statement of program.get("body")) {
        if (statement.isImportDeclaration()) imports.push(...importTwins(statement, ending, renamed, imported(statement.node.source.value)));
        const declared = statement.isExportDeclaration() ? (statement.get("declaration") as NodePath) : statement;
        if (!declared.isFunctionDeclaration() || !declared.node.id || !has(declared.node)) continue;
        renamed.add(declared.node.id);
        found.push(declared);
      }
      for (const path of found) {
        path.traverse({
          Identifier: (reference) => rename(reference, ending, program, renamed),
        });
        change(path);
      }
    },
  });
  for (const { node } of found) {
    functions.set(node.id!.name, node);
    node.id!.name += ending;
  }
  return { functions, imports };
}

/** The import of the twins of what `statement` imports; nothing if none of it has any. */
function importTwins({ node }: NodePath<t.ImportDeclaration>, ending: string, renamed: Set<t.Node>, twins: ReadonlySet<string>): t.ImportDeclaration[] {
  const specifiers = node.specifiers.filter((one): one is t.ImportSpecifier => t.isImportSpecifier(one) && t.isIdentifier(one.imported) && twins.has(one.imported.name));
  for (const { local } of specifiers) renamed.add(local);
  if (node.importKind === "type" || specifiers.length === 0) return [];
  const twin = (name: t.Identifier) => t.identifier(name.name + ending);
  return [t.importDeclaration(specifiers.map(({ local, imported }) => t.importSpecifier(twin(local), twin(imported as t.Identifier))), node.source)];
}

/** A reference to a function that has a twin becomes one to that twin. */
function rename(path: NodePath<t.Identifier>, ending: string, program: NodePath<t.Program>, renamed: ReadonlySet<t.Node>): void {
  if (!path.isReferencedIdentifier()) return;
  const binding = path.scope.getBinding(path.node.name);
  if (binding === undefined || binding.scope !== program.scope || !renamed.has(binding.identifier)) return;
  if (t.isObjectProperty(path.parent)) path.parent.shorthand = false;
  path.node.name += ending;
}
