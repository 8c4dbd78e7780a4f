// Plain twins: what may be interrupted, without anything that a debugger needs. Searches run on them. They cannot be stopped before
// a statement, and do not count those; but loops count their rounds, so that no loop goes on for ever.
import type { NodePath } from "@babel/traverse";
import * as t from "@babel/types";
import { counted } from "./rewrite.ts";
import { makeTwins, type FunctionPath, type TwinKind, type Twins } from "./twins.ts";

/** What may be interrupted is a generator function, or returns what one gives. */
export const PLAIN: TwinKind = { ending: "$plain", has: (node) => node.generator || returnsKernel(node) };

function returnsKernel({ returnType }: t.FunctionDeclaration): boolean {
  return t.isTSTypeAnnotation(returnType) && t.isTSTypeReference(returnType.typeAnnotation) && t.isIdentifier(returnType.typeAnnotation.typeName, { name: "Kernel" });
}

/**
 * Turns the functions of a file into their plain twins, in place.
 * @param state what hooks.ts's `$` is called in the file
 */
export function makePlainTwins(ast: t.File, state: string, imported: (specifier: string) => ReadonlySet<string>): Twins {
  return makeTwins(ast, PLAIN, imported, (path) => countRounds(path, state));
}

/** Lets each loop whose end is up to a condition count its rounds. */
function countRounds(path: FunctionPath, state: string): void {
  const round = (): t.Expression => counted(state, "endless");
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
