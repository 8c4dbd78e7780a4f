// Builds all mutants of a file into its syntax tree (mutant schemata): each mutated expression asks at run time whether its
// mutant is the one that is on.
import * as t from "@babel/types";
import { mutationsOf, negation, removal, type Mutation } from "./operators.ts";

export interface Mutant {
  /** From 1, through all files in the order of their paths. */
  readonly id: number;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly mutation: string;
}

/** What a mutated file imports from `lockbreak:mutants`: which mutant is on, and a function that notes which are reached. */
const ON = "$mutant";
const REACHED = "$reached";

/**
 * Mutates the bodies of all functions of a file, in place. What is evaluated when a module is loaded stays as it is.
 * @param first the number of the file's first mutant
 */
export function mutate(ast: t.File, file: string, first: number): Mutant[] {
  const mutator = new Mutator(file, first);
  mutator.inside(ast.program);
  if (mutator.mutants.length > 0) {
    const specifiers = [ON, REACHED].map((name) => t.importSpecifier(t.identifier(name), t.identifier(name)));
    ast.program.body.unshift(t.importDeclaration(specifiers, t.stringLiteral("lockbreak:mutants")));
  }
  return mutator.mutants;
}

class Mutator {
  readonly mutants: Mutant[] = [];
  private inFunction = false;

  constructor(
    private readonly file: string,
    private readonly first: number,
  ) {}

  /** Mutates what is evaluated below a node, not the node. */
  inside(node: t.Node): void {
    const outer = this.inFunction;
    if (t.isFunction(node)) this.inFunction = true;
    // Babel's nodes are walked by their visitor keys, which its types cannot express.
    const children = node as unknown as Record<string, t.Node | (t.Node | null)[] | null | undefined>;
    for (const key of evaluatedKeys(node)) {
      const child = children[key];
      if (Array.isArray(child)) children[key] = child.map((item) => item && this.child(item, node, key));
      else if (child) children[key] = this.child(child, node, key);
    }
    this.inFunction = outer;
  }

  private child(node: t.Node, parent: t.Node, key: string): t.Node {
    if (!t.isExpression(node) || !this.inFunction) {
      this.inside(node);
      return node;
    }
    const mutations: Mutation[] = isOperand(parent, key) ? [] : mutationsOf(node);
    if (key === "test" && !t.isSwitchCase(parent)) mutations.push(...negation(node));
    if (t.isExpressionStatement(parent)) mutations.push(...removal(node));
    const original = mutations.length === 0 ? node : t.cloneNode(node);
    this.inside(node);
    let result = node;
    for (const mutation of mutations) result = t.inherits(mutation.apply(this.mutant(node, mutation), result, original), node);
    return result;
  }

  /** Enters a mutant; the expression that is true while it is on. */
  private mutant(node: t.Node, { name }: Mutation): t.Expression {
    const id = this.first + this.mutants.length;
    const { line, column } = node.loc!.start;
    this.mutants.push({ id, file: this.file, line, column: column + 1, mutation: name });
    const is = (operator: "===" | "<", value: number) => t.binaryExpression(operator, t.identifier(ON), t.numericLiteral(value));
    const reached = t.callExpression(t.identifier(REACHED), [t.numericLiteral(id)]);
    return t.logicalExpression("||", is("===", id), t.logicalExpression("&&", is("<", 0), reached));
  }
}

/** Types and imports; and what is counted up or down, which has to stay a place. */
const NOT_EVALUATED: readonly ((node: t.Node) => boolean)[] = [
  t.isTSType,
  t.isTSTypeAnnotation,
  t.isTSTypeParameterInstantiation,
  t.isTSTypeParameterDeclaration,
  t.isTSInterfaceDeclaration,
  t.isTSTypeAliasDeclaration,
  t.isImportDeclaration,
  t.isUpdateExpression,
];

/** The keys below which expressions stand that can be replaced by others. */
function evaluatedKeys(node: t.Node): readonly string[] {
  if (NOT_EVALUATED.some((is) => is(node))) return [];
  if (t.isFunction(node)) return ["body"];
  if (t.isAssignmentExpression(node)) return ["right"];
  if (t.isVariableDeclarator(node)) return ["init"];
  if (t.isForXStatement(node)) return ["right", "body"];
  if (t.isProperty(node)) return ["value"];
  return t.VISITOR_KEYS[node.type] ?? [];
}

/** Parts of a chain or of a `delete`, which mean something else by themselves. */
function isOperand(parent: t.Node, key: string): boolean {
  if (t.isUnaryExpression(parent, { operator: "delete" }) || t.isTSNonNullExpression(parent)) return true;
  return (t.isOptionalMemberExpression(parent) && key === "object") || (t.isOptionalCallExpression(parent) && key === "callee");
}
