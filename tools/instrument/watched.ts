// Write barriers, which report every write to a field or an element to a debugger. A test before each write would cost a tenth
// of the speed, so every function is built twice: as it is, and as its *watched variant* `f$watched`, which calls watched variants and
// reports each write before it is made. The watched variants are linked to an image when data is watched (linking.ts).
// Functions that are not declared at the top level, such as methods, are built once; their barriers test `$.watching` first.
import type { NodePath } from "@babel/traverse";
import * as t from "@babel/types";
import { traverse } from "./traverse.ts";
import { makeVariant, type BuildVariant, type CompiledVariant } from "./build-variant.ts";

/** Every function has a watched variant. */
export const WATCHED: BuildVariant = { suffix: "$watched", appliesTo: () => true };

/** Names that occur nowhere else in the file. */
export interface BarrierNames {
  /** The imports from hooks.ts: the state, and the function that reports a write and returns its value. */
  readonly state: string;
  readonly store: string;
}

/** Turns the functions of a file into their watched variants, in place. */
export function makeWatchedVariant(
  ast: t.File,
  names: BarrierNames,
  imported: (specifier: string) => ReadonlySet<string>,
): CompiledVariant {
  return makeVariant(ast, WATCHED, imported, (path) => addBarriers(path, (member) => barrierCall(member, names), names));
}

/**
 * Adds barriers where there is no variant: in methods and in functions that are not declared at the top level. Constructors
 * need none: an object cannot be watched before it exists.
 */
export function addGuardedBarriers(ast: t.File, names: BarrierNames): void {
  const guarded = (member: t.MemberExpression) => t.logicalExpression("&&", field(names.state, "watching"), barrierCall(member, names));
  traverse(ast, {
    Function(path) {
      if (!isTopLevel(path) && !path.isClassMethod({ kind: "constructor" })) addBarriers(path, guarded, names);
      path.skip();
    },
  });
}

/** Is it declared at the top level of its file? */
export function isTopLevel(path: NodePath): boolean {
  if (!path.isFunctionDeclaration()) return false;
  const place = path.parentPath.isExportDeclaration() ? path.parentPath.parentPath : path.parentPath;
  return place?.isProgram() === true;
}

/** Puts a barrier before every write in a function; the value of the write is evaluated before the barrier. */
function addBarriers(path: NodePath, barrier: (member: t.MemberExpression) => t.Expression, names: BarrierNames): void {
  path.traverse({
    AssignmentExpression({ node }) {
      const member = withoutTypes(node.left);
      if (!t.isMemberExpression(member)) return;
      if (isPure(node.right)) node.right = t.sequenceExpression([barrier(member), node.right]);
      else node.right = t.callExpression(t.identifier(names.store), [...targetOf(member), node.right]);
    },
    UpdateExpression(update) {
      const { node } = update;
      const member = withoutTypes(node.argument);
      if (!t.isMemberExpression(member)) return;
      update.replaceWith(t.inherits(t.sequenceExpression([barrier(member), node]), node));
      update.skip();
    },
  });
}

/** Would a barrier evaluate parts of this write twice, or has it several targets? */
export function isUnwatchable(node: t.Node): boolean {
  if (!t.isAssignmentExpression(node) && !t.isUpdateExpression(node)) return false;
  const target = withoutTypes(t.isUpdateExpression(node) ? node.argument : node.left);
  if (t.isMemberExpression(target)) return !isPure(target);
  let found = false;
  if (t.isPattern(target)) t.traverseFast(target, (part) => void (found ||= t.isMemberExpression(part)));
  return found;
}

/** `$.write(object, key)` */
function barrierCall(member: t.MemberExpression, names: BarrierNames): t.Expression {
  return t.callExpression(field(names.state, "write"), targetOf(member));
}

function field(object: string, name: string): t.Expression {
  return t.memberExpression(t.identifier(object), t.identifier(name));
}

/** The object and the key that a member expression names. */
function targetOf({ object, property, computed }: t.MemberExpression): [t.Expression, t.Expression] {
  const key = computed ? t.cloneNode(property as t.Expression) : t.stringLiteral((property as t.Identifier).name);
  return [t.cloneNode(object), key];
}

/** True if evaluating it twice is the same as once. */
function isPure(node: t.Node): boolean {
  switch (node.type) {
    case "Identifier":
    case "ThisExpression":
    case "NumericLiteral":
    case "StringLiteral":
    case "BooleanLiteral":
    case "NullLiteral":
      return true;
    case "MemberExpression":
      return isPure(node.object) && (!node.computed || isPure(node.property));
    case "BinaryExpression":
    case "LogicalExpression":
      return isPure(node.left) && isPure(node.right);
    case "ConditionalExpression":
      return isPure(node.test) && isPure(node.consequent) && isPure(node.alternate);
    case "UnaryExpression":
      return node.operator !== "delete" && isPure(node.argument);
    default: {
      const inner = withoutTypes(node);
      return inner !== node && isPure(inner);
    }
  }
}

function withoutTypes(node: t.Node): t.Node {
  return t.isTSNonNullExpression(node) || t.isTSAsExpression(node) || t.isParenthesizedExpression(node)
    ? withoutTypes(node.expression)
    : node;
}
