// The mutations: what each makes of an expression. None adds or takes away a statement or a call with `yield*`, so that an
// instrumented kernel file has the same sites, and a run the same steps, with all mutations built in and none of them on.
import * as t from "@babel/types";

/** One way to change an expression. */
export interface Mutation {
  /** What is done, as it is listed: `>= → >`. */
  readonly name: string;
  /**
   * The expression as it is while the mutant is on, and as it is while not. `on` says whether it is. `node` may be used once, with
   * what is mutated inside it; copies are made of `original`, in which nothing is.
   */
  apply(on: t.Expression, node: t.Expression, original: t.Expression): t.Expression;
}

const RELATIONS: Readonly<Record<string, t.BinaryExpression["operator"]>> = { ">=": ">", ">": ">=", "<=": "<", "<": "<=" };
const ARITHMETIC: Readonly<Record<string, t.BinaryExpression["operator"]>> = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "&": "|",
  "|": "&",
  "<<": ">>",
  ">>": "<<",
  ">>>": "<<",
};
const ASSIGNMENTS: Readonly<Record<string, string>> = { "+=": "-=", "-=": "+=", "&=": "|=", "|=": "&=" };
/** The largest integer that counts as small: what is larger is a size or a bit pattern. */
const SMALL = 16;

/** All mutations of one expression, in an order that depends on nothing else. */
export function mutationsOf(node: t.Expression): Mutation[] {
  switch (node.type) {
    case "BinaryExpression":
      return binary(node);
    case "LogicalExpression":
      return logical(node);
    case "AssignmentExpression":
      return hasText(node.right) || mayStop(node) ? [] : operator(node, ASSIGNMENTS[node.operator]);
    case "UpdateExpression":
      return operator(node, node.operator === "++" ? "--" : "++");
    case "BooleanLiteral":
      return [flipped(`${node.value} → ${!node.value}`)];
    case "NumericLiteral": {
      if (!Number.isInteger(node.value) || node.value > SMALL) return [];
      return [changed(`${node.value} → ${node.value + 1}`, () => t.numericLiteral(node.value + 1))];
    }
    case "UnaryExpression":
      return node.operator === "!" ? [flipped("! removed")] : [];
    case "CallExpression":
      return extreme(node);
    case "OptionalMemberExpression":
    case "OptionalCallExpression":
      return mayStop(node) ? [] : [changed("?. → .", withoutOptional)];
    default:
      return [];
  }
}

/** The mutation of the test of a statement or of `?:`; none if a mutation of the expression itself does the same. */
export function negation(test: t.Expression): Mutation[] {
  if (t.isUnaryExpression(test, { operator: "!" }) || t.isBooleanLiteral(test)) return [];
  if (t.isBinaryExpression(test) && /^[!=]==$/.test(test.operator)) return [];
  return [{ name: "condition negated", apply: (on, node) => t.binaryExpression("!==", not(not(node)), on) }];
}

/** The mutation of a call whose value is not used. */
export function removal(statement: t.Expression): Mutation[] {
  const call = t.isYieldExpression(statement) || t.isAwaitExpression(statement) ? statement.argument : statement;
  if (!(t.isCallExpression(call) && !t.isSuper(call.callee)) && !t.isOptionalCallExpression(call)) return [];
  return [{ name: "call removed", apply: (on, node) => t.conditionalExpression(on, t.unaryExpression("void", t.numericLiteral(0)), node) }];
}

function binary(node: t.BinaryExpression): Mutation[] {
  if (node.operator === "===") return [flipped("=== → !==")];
  if (node.operator === "!==") return [flipped("!== → ===")];
  return hasText(node) || mayStop(node) ? [] : operator(node, RELATIONS[node.operator] ?? ARITHMETIC[node.operator]);
}

/** A side that may be interrupted must not be there twice: then it is left out instead. */
function logical(node: t.LogicalExpression): Mutation[] {
  const stops = mayStop(node.left) || mayStop(node.right);
  if (node.operator === "??") {
    const only = (side: "left" | "right") => changed(`?? → its ${side} side`, (copy) => (copy as t.LogicalExpression)[side]);
    return stops ? [] : [only("left"), only("right")];
  }
  if (!stops) return operator(node, node.operator === "&&" ? "||" : "&&");
  return [
    {
      name: `${node.operator} → its left side`,
      apply: (on, mutated) => {
        const whole = mutated as t.LogicalExpression;
        whole.right = t.conditionalExpression(on, t.booleanLiteral(whole.operator === "&&"), whole.right);
        return whole;
      },
    },
  ];
}

/** Another operator, if there is one. */
function operator(node: t.Expression & { readonly operator: string }, other: string | undefined): Mutation[] {
  return other === undefined ? [] : [changed(`${node.operator} → ${other}`, (copy) => ({ ...copy, operator: other }))];
}

/** Math.min ↔ Math.max */
function extreme({ callee }: t.CallExpression): Mutation[] {
  const name = ["min", "max"].find((one) => t.matchesPattern(callee, `Math.${one}`));
  if (name === undefined) return [];
  const other = name === "min" ? "max" : "min";
  return [
    {
      name: `Math.${name} → Math.${other}`,
      apply: (on, node) => {
        const call = node as t.CallExpression;
        call.callee = t.conditionalExpression(
          on,
          t.memberExpression(t.identifier("Math"), t.identifier(other)),
          call.callee as t.Expression,
        );
        return call;
      },
    },
  ];
}

/** The value is a boolean, and becomes the other one: `(a === b) !== on`. */
function flipped(name: string): Mutation {
  return { name, apply: (on, node) => t.binaryExpression("!==", node, on) };
}

/** `on ? what \`change\` makes of a copy : node` */
function changed(name: string, change: (copy: t.Expression) => object): Mutation {
  return { name, apply: (on, node, original) => t.conditionalExpression(on, change(t.cloneNode(original)) as t.Expression, node) };
}

function not(node: t.Expression): t.Expression {
  return t.unaryExpression("!", node);
}

/** A chain without any `?.`, which fails where the chain would have ended. */
function withoutOptional(chain: t.Expression): t.Expression {
  let node: t.Node = chain;
  while (t.isOptionalMemberExpression(node) || t.isOptionalCallExpression(node)) {
    node.optional = false;
    node = t.isOptionalCallExpression(node) ? node.callee : node.object;
  }
  return chain;
}

/** Strings are joined by `+`, too, and that has no opposite. */
function hasText(node: t.Node): boolean {
  if (t.isBinaryExpression(node)) return hasText(node.left) || hasText(node.right);
  return t.isStringLiteral(node) || t.isTemplateLiteral(node);
}

/** Is there a `yield*` or `await` in it? */
function mayStop(node: t.Node): boolean {
  let found = false;
  t.traverseFast(node, (part) => void (found ||= t.isYieldExpression(part) || t.isAwaitExpression(part)));
  return found;
}
