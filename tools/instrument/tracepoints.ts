// Tracepoints without subscribers: `trace("name", { … })` makes its arguments before it knows whether a subscriber wants them. The
// build asks first, so that authors write a plain call and hot paths allocate nothing. Events are counted either way.
import * as t from "@babel/types";
import { traverse } from "./traverse.ts";

/** The module that exports `trace`; the machine it reads is exported by the module beside it. */
const TRACING = /(^|\/)tracing\.ts$/;

/**
 * Turns every `trace("name", args)` into `$machine.sinks.name !== undefined ? trace("name", args) : $machine.events += 1`, in place, if
 * the file imports `trace` from tracing.ts.
 * @param machine a name that occurs nowhere in the file
 * @returns the import that the rewritten code needs, or null if nothing was rewritten
 */
export function askForSubscribers(ast: t.File, machine: string): t.ImportDeclaration | null {
  const source = sourceOfTrace(ast);
  if (source === null) return null;
  let rewritten = false;
  traverse(ast, {
    CallExpression(path) {
      const { node } = path;
      const [name] = node.arguments;
      if (!isTracepoint(node) || !t.isStringLiteral(name)) return;
      const field = (of: string) => t.memberExpression(t.identifier(machine), t.identifier(of));
      const subscribed = t.binaryExpression("!==", t.memberExpression(field("sinks"), t.identifier(name.value)), t.identifier("undefined"));
      const counted = t.assignmentExpression("+=", field("events"), t.numericLiteral(1));
      path.replaceWith(t.inherits(t.conditionalExpression(subscribed, node, counted), node));
      path.skip();
      rewritten = true;
    },
  });
  if (!rewritten) return null;
  const specifier = t.importSpecifier(t.identifier(machine), t.identifier("machine"));
  return t.importDeclaration([specifier], t.stringLiteral(source.replace(TRACING, "$1machine.ts")));
}

/** Is this a tracepoint that is named where it is passed? */
export function isTracepoint({ callee, arguments: [name] }: t.CallExpression): boolean {
  return t.isIdentifier(callee, { name: "trace" }) && t.isStringLiteral(name);
}

/** Does evaluating `node` assign to something, or may it stop? */
export function hasEffects(node: t.Node): boolean {
  let found = false;
  t.traverseFast(
    node,
    (part) => void (found ||= t.isAssignmentExpression(part) || t.isUpdateExpression(part) || t.isYieldExpression(part)),
  );
  return found;
}

/** The specifier by which a file imports `trace`; null if it does not, or under another name. */
function sourceOfTrace(ast: t.File): string | null {
  for (const node of ast.program.body) {
    if (!t.isImportDeclaration(node) || node.importKind === "type" || !TRACING.test(node.source.value)) continue;
    if (node.specifiers.some((one) => t.isImportSpecifier(one) && one.local.name === "trace")) return node.source.value;
  }
  return null;
}
