// Compiled variants: functions that are built once more for another build of the kernel. The variant of `f` has f's name with the
// suffix of the build, and calls variants where f calls functions that have one. linking.ts links the variants to an image.
import type { NodePath } from "@babel/traverse";
import * as t from "@babel/types";
import { traverse } from "./traverse.ts";

/** A build: which functions have a variant in it, and the suffix of the variants' names. */
export interface BuildVariant {
  /** Appended to the name of the function. */
  readonly suffix: string;
  appliesTo(node: t.FunctionDeclaration): boolean;
}

export interface CompiledVariant {
  /** By the name of the original. */
  readonly functions: ReadonlyMap<string, t.FunctionDeclaration>;
  readonly imports: readonly t.ImportDeclaration[];
}

export type FunctionPath = NodePath<t.FunctionDeclaration>;

/**
 * Turns the top-level functions of a file into their variants of a build, in place.
 * @param imported names of functions that have variants, by import specifier
 * @param change changes the body of a variant
 */
export function makeVariant(
  ast: t.File,
  { suffix, appliesTo }: BuildVariant,
  imported: (specifier: string) => ReadonlySet<string>,
  change: (path: FunctionPath) => void,
): CompiledVariant {
  const renamed = new Set<t.Node>();
  const functions = new Map<string, t.FunctionDeclaration>();
  const found: FunctionPath[] = [];
  const imports: t.ImportDeclaration[] = [];
  traverse(ast, {
    Program(program) {
      for (const statement of program.get("body")) {
        if (statement.isImportDeclaration())
          imports.push(...importVariants(statement, suffix, renamed, imported(statement.node.source.value)));
        const declared = statement.isExportDeclaration() ? (statement.get("declaration") as NodePath) : statement;
        if (!declared.isFunctionDeclaration() || !declared.node.id || !appliesTo(declared.node)) continue;
        renamed.add(declared.node.id);
        found.push(declared);
      }
      for (const path of found) {
        path.traverse({
          Identifier: (reference) => redirectReference(reference, suffix, program, renamed),
        });
        change(path);
      }
    },
  });
  for (const { node } of found) {
    functions.set(node.id!.name, node);
    node.id!.name += suffix;
  }
  return { functions, imports };
}

/** The import of the variants of what `statement` imports; nothing if none of it has any. */
function importVariants(
  { node }: NodePath<t.ImportDeclaration>,
  suffix: string,
  renamed: Set<t.Node>,
  compiled: ReadonlySet<string>,
): t.ImportDeclaration[] {
  const specifiers = node.specifiers.filter(
    (one): one is t.ImportSpecifier => t.isImportSpecifier(one) && t.isIdentifier(one.imported) && compiled.has(one.imported.name),
  );
  for (const { local } of specifiers) renamed.add(local);
  if (node.importKind === "type" || specifiers.length === 0) return [];
  const suffixed = (name: t.Identifier) => t.identifier(name.name + suffix);
  return [
    t.importDeclaration(
      specifiers.map(({ local, imported }) => t.importSpecifier(suffixed(local), suffixed(imported as t.Identifier))),
      node.source,
    ),
  ];
}

/** Redirects a reference to a function that has a variant to that variant. */
function redirectReference(path: NodePath<t.Identifier>, suffix: string, program: NodePath<t.Program>, renamed: ReadonlySet<t.Node>): void {
  if (!path.isReferencedIdentifier()) return;
  const binding = path.scope.getBinding(path.node.name);
  if (binding === undefined || binding.scope !== program.scope || !renamed.has(binding.identifier)) return;
  if (t.isObjectProperty(path.parent)) path.parent.shorthand = false;
  path.node.name += suffix;
}
