// Write barriers: what tells a debugger of every write to a field or an element. A test before each write would cost a
// tenth of the speed, so every function is built twice: as it is, and as its *watched twin* `f$watched`, which calls twins and says
// before each write what is about to be written. A kernel made of twins is linked when somebody watches (linking.ts).
// Only what is no top-level function, such as a method, exists once; there the barrier asks first.
import type { NodePath } from "@babel/traverse";
import * as t from "@babel/types";
import { traverse } from "./traverse.ts";
import { makeTwins, type TwinKind, type Twins } from "./twins.ts";

/** Every function has a watched twin. */
export const WATCHED: TwinKind = { ending: "$watched", has: () => true };

/** Names that occur nowhere else in the file. */
export interface BarrierNames {
  /** The imports from hooks.ts: the state, and the function that hands the value of a write on. */
  readonly state: string;
  readonly store: string;
}

/** Turns the functions of a file into their watched twins, in place. */
export function makeWatchedTwins(ast: t.File, names: BarrierNames, imported: (specifier: string) => ReadonlySet<string>): Twins {
  return makeTwins(ast, WATCHED, imported, (path) => addBarriers(path, (member) => told(member, names), names));
}

/**
 * Adds barriers wherever there is no twin: in methods and in functions that are no declarations of their own. Constructors
 * need none: nobody can watch what does not exist yet.
 */
export function addAskingBarriers(ast: t.File, names: BarrierNames): void {
  const asked = (member: t.MemberExpression) => t.logicalExpression("&&", field(names.state, "watching"), told(member, names));
  traverse(ast, {
    Function(path) {
      if (!hasTwin(path) && !path.isClassMethod({ kind: "constructor" })) addBarriers(path, asked, names);
      path.skip();
    },
  });
}

/** Is it declared at the top level of its file? */
export function hasTwin(path: NodePath): boolean {
  if (!path.isFunctionDeclaration()) return false;
  const place = path.parentPath.isExportDeclaration() ? path.parentPath.parentPath : path.parentPath;
  return place?.isProgram() === true;
}

/** Puts what `barrier` makes of the target before every write in a function; the value of the write is evaluated before that. */
function addBarriers(path: NodePath, barrier: (member: t.MemberExpression) => t.Expression, names: BarrierNames): void {
  path.traverse({
    AssignmentExpression({ node }) {
      const member = withoutTypes(node.left);
      if (!t.isMemberExpression(member)) return;
      if (isPure(node.right)) node.right = t.sequenceExpression([barrier(member), node.right]);
      else node.right = t.callExpression(t.identifier(names.store), [...place(member), node.right]);
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

/** Is this a write that a barrier would evaluate parts of twice, or that has several targets? */
export function isUnwatchable(node: t.Node): boolean {
  if (!t.isAssignmentExpression(node) && !t.isUpdateExpression(node)) return false;
  const target = withoutTypes(t.isUpdateExpression(node) ? node.argument : node.left);
  if (t.isMemberExpression(target)) return !isPure(target);
  let found = false;
  if (t.isPattern(target)) t.traverseFast(target, (part) => void (found ||= t.isMemberExpression(part)));
  return found;
}

/** `$.write(object, key)` */
function told(member: t.MemberExpression, names: BarrierNames): t.Expression {
  return t.callExpression(field(names.state, "write"), place(member));
}

function field(object: string, name: string): t.Expression {
  return t.memberExpression(t.identifier(object), t.identifier(name));
}

/** The object and the key that a member expression names. */
function place({ object, property, computed }: t.MemberExpression): [t.Expression, t.Expression] {
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
  return t.isTSNonNullExpression(node) || t.isTSAsExpression(node) || t.isParenthesizedExpression(node) ? withoutTypes(node.expression) : node;
}
