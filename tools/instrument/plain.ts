// The plain build: functions that may be interrupted, without anything that a debugger needs. Searches run on it. It cannot be stopped
// before a statement, and does not count statements; but loops count their iterations, so that every loop can be ended.
import type { NodePath } from "@babel/traverse";
import * as t from "@babel/types";
import { countStep } from "./rewrite.ts";
import { makeVariant, type FunctionPath, type BuildVariant, type CompiledVariant } from "./build-variant.ts";

/** A function that may be interrupted is a generator function, or returns the generator of one. */
export const PLAIN: BuildVariant = { suffix: "$plain", appliesTo: (node) => node.generator || returnsKernel(node) };

function returnsKernel({ returnType }: t.FunctionDeclaration): boolean {
  return (
    t.isTSTypeAnnotation(returnType) &&
    t.isTSTypeReference(returnType.typeAnnotation) &&
    t.isIdentifier(returnType.typeAnnotation.typeName, { name: "Kernel" })
  );
}

/**
 * Turns the functions of a file into their plain variants, in place.
 * @param state the file's name for `$` of hooks.ts
 */
export function makePlainVariant(ast: t.File, state: string, imported: (specifier: string) => ReadonlySet<string>): CompiledVariant {
  return makeVariant(ast, PLAIN, imported, (path) => countRounds(path, state));
}

/** Adds a counter to each loop that ends by a condition. */
function countRounds(path: FunctionPath, state: string): void {
  const round = (): t.Expression => countStep(state, "check_divergence");
  const inTest = ({ node }: NodePath<t.WhileStatement> | NodePath<t.DoWhileStatement>): void => {
    node.test = t.sequenceExpression([round(), node.test]);
  };
  path.traverse({
    Function: (nested) => nested.skip(),
    WhileStatement: inTest,
    DoWhileStatement: inTest,
    ForStatement({ node }) {
      node.update = node.update ? t.sequenceExpression([round(), node.update]) : round();
    },
  });
}
