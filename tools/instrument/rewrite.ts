// Rewrites one generator function: a hook before every statement and at every further visit of a loop's head, and
// around every `yield*` a wrapper that adds this function to backtraces. A list of the readable names is carried along in place of a
// scope analysis, because a local has to be not only in scope but initialised: before that it is in its temporal dead zone.
import * as t from "@babel/types";
import type { Site } from "lockbreak:sites";
import type { SiteRanges, Range } from "./site-ranges.ts";

/** Names that occur nowhere else in the file. */
export interface Names {
  /** The imports from hooks.ts. */
  readonly state: string;
  readonly call: string;
  /** Local names for a function's own two helper variables. */
  readonly inner: string;
  readonly result: string;
}

/** Enters a site into the table and returns its number. */
export type AddSite = (site: Omit<Site, "file">) => number;

/** Names that can be read at some place: parameters first, then in order of declaration. */
type Locals = readonly string[];

/** Instruments the function in place. */
export function rewriteFunction(node: t.FunctionDeclaration, names: Names, heads: SiteRanges, addSite: AddSite): void {
  const parameters = node.params.flatMap(boundNames).filter((name) => name !== "this");
  const rewriter = new FunctionRewriter((node.id as t.Identifier).name, parameters, names, heads, addSite);
  rewriter.block(node.body, parameters);
  if (!rewriter.hasCalls) return;
  const helpers = [names.inner, names.result].map((name) => t.variableDeclarator(t.identifier(name)));
  node.body.body.unshift(t.variableDeclaration("let", helpers));
}

class FunctionRewriter {
  /** Statement sites so far. */
  private sites = 0;
  hasCalls = false;

  constructor(
    private readonly name: string,
    private readonly parameters: readonly string[],
    private readonly names: Names,
    private readonly heads: SiteRanges,
    private readonly addSite: AddSite,
  ) {}

  block(block: t.BlockStatement, visible: Locals): t.BlockStatement {
    block.body = this.statements(block.body, visible);
    return block;
  }

  private statements(list: readonly t.Statement[], outer: Locals): t.Statement[] {
    // A block's own names hide outer ones from its very first statement, though they cannot be read yet.
    let visible = without(outer, list.flatMap(declaredNames));
    return list.flatMap((node) => {
      const rewritten = this.statement(node, visible);
      if (t.isVariableDeclaration(node)) visible = [...visible, ...declaredNames(node)];
      return rewritten;
    });
  }

  /** The statement with its hook in front; `while` and `do` carry theirs in the test. */
  private statement(node: t.Statement, visible: Locals): t.Statement[] {
    let target = node;
    while (t.isLabeledStatement(target)) target = target.body;
    if (!isExecuted(target)) return [node];
    if (t.isBlockStatement(target)) {
      this.block(target, visible);
      return [node];
    }
    const range = this.heads.ofStatement(target);
    if (t.isWhileStatement(target)) {
      const hook = this.hook(this.statementSite(range), visible);
      target.test = t.sequenceExpression([hook, this.calls(target.test, visible)]);
      target.body = this.body(target.body, visible);
      return [node];
    }
    if (t.isDoWhileStatement(target)) {
      // Nothing happens at `do`: the statement's site is its test, which comes after the body.
      target.body = this.body(target.body, visible);
      const hook = this.hook(this.statementSite(range), visible);
      target.test = t.sequenceExpression([hook, this.calls(target.test, visible)]);
      return [node];
    }
    const site = this.statementSite(range);
    this.parts(target, range, visible);
    return [t.ifStatement(this.hookDue(site), t.expressionStatement(yieldStop(site, visible))), node];
  }

  private parts(node: t.Statement, range: Range, visible: Locals): void {
    switch (node.type) {
      case "IfStatement":
        node.test = this.calls(node.test, visible);
        node.consequent = this.body(node.consequent, visible);
        if (node.alternate) node.alternate = this.body(node.alternate, visible);
        break;
      case "ForStatement":
        this.forStatement(node, range, visible);
        break;
      case "ForOfStatement":
      case "ForInStatement":
        this.forEach(node, visible);
        break;
      case "SwitchStatement":
        node.discriminant = this.calls(node.discriminant, visible);
        for (const branch of node.cases) {
          if (branch.test) branch.test = this.calls(branch.test, visible);
          branch.consequent = this.statements(branch.consequent, visible);
        }
        break;
      case "VariableDeclaration":
        this.declaration(node, visible);
        break;
      default:
        this.callsInside(node, visible);
    }
  }

  /** A loop or branch body, in braces so that there is room for hooks. */
  private body(node: t.Statement, visible: Locals): t.Statement {
    if (t.isBlockStatement(node)) return this.block(node, visible);
    return isExecuted(node) ? t.blockStatement(this.statement(node, visible)) : node;
  }

  /** Stops on entry, before the initialiser; then each time round, before the update expression. */
  private forStatement(node: t.ForStatement, range: Range, outer: Locals): void {
    let visible = outer;
    if (t.isVariableDeclaration(node.init)) visible = this.declaration(node.init, without(outer, boundNames(node.init)));
    else if (node.init) node.init = this.calls(node.init, outer);
    const first = node.test ?? node.update;
    const last = node.update ?? node.test;
    const before = this.sites;
    let hook: t.Expression | undefined;
    if (first && last) hook = this.hook(this.statementSite(this.heads.span(first, last)), visible);
    if (node.test) node.test = this.calls(node.test, visible);
    if (node.update) node.update = this.calls(node.update, visible);
    node.body = this.body(node.body, visible);
    // `for (;;) {}` must count steps as well, or nothing could ever end it.
    if (this.sites === before) hook = this.hook(this.statementSite(range), visible);
    if (hook) node.update = node.update ? t.sequenceExpression([hook, node.update]) : hook;
  }

  /** for-of and for-in have no expression that is evaluated once a round: they stop on entry only. */
  private forEach(node: t.ForOfStatement | t.ForInStatement, outer: Locals): void {
    const names = t.isVariableDeclaration(node.left) ? boundNames(node.left) : [];
    const visible = without(outer, names);
    this.callsInside(node.left, visible);
    node.right = this.calls(node.right, visible);
    node.body = this.body(node.body, [...visible, ...names]);
  }

  /** Returns what is visible after the declaration. */
  private declaration(node: t.VariableDeclaration, outer: Locals): Locals {
    let visible = outer;
    for (const declarator of node.declarations) {
      this.callsInside(declarator, visible);
      visible = [...visible, ...boundNames(declarator.id)];
    }
    return visible;
  }

  /**
   * The expression with every `yield* f(x)` in it replaced by
   * `($result = ($inner = f(x)).next()).done ? $result.value : yield* $call(SITE, $inner, $result.value, { …locals })`.
   * A call that runs through without a stop is spared the wrapper. The locals are no closure: variables that a closure
   * captures are several times slower everywhere in the function.
   */
  private calls(node: t.Expression, visible: Locals): t.Expression {
    this.callsInside(node, visible);
    if (!t.isYieldExpression(node) || !node.argument) return node;
    this.hasCalls = true;
    const site = this.addSite({ ...this.heads.of(node), function: this.name, parameters: this.parameters, kind: "call", entry: false });
    const inner = t.identifier(this.names.inner);
    const result = t.identifier(this.names.result);
    const started = t.callExpression(t.memberExpression(t.assignmentExpression("=", inner, node.argument), t.identifier("next")), []);
    const done = t.memberExpression(t.assignmentExpression("=", result, started), t.identifier("done"));
    const value = t.memberExpression(result, t.identifier("value"));
    node.argument = t.callExpression(t.identifier(this.names.call), [t.numericLiteral(site), inner, value, localsObject(visible)]);
    return t.inherits(t.conditionalExpression(done, value, node), node);
  }

  private callsInside(node: t.Node, visible: Locals): void {
    // Of a nested function only a computed name is evaluated here.
    const keys = t.isFunction(node) ? ["key"] : (t.VISITOR_KEYS[node.type] ?? []);
    // Babel's nodes are walked by their visitor keys, which its types cannot express.
    const children = node as unknown as Record<string, t.Node | (t.Node | null)[] | null | undefined>;
    for (const key of keys) {
      const child = children[key];
      if (Array.isArray(child)) children[key] = child.map((item) => item && this.walked(item, visible));
      else if (child) children[key] = this.walked(child, visible);
    }
  }

  private walked(node: t.Node, visible: Locals): t.Node {
    if (t.isExpression(node)) return this.calls(node, visible);
    this.callsInside(node, visible);
    return node;
  }

  private statementSite(range: Range): number {
    const entry = this.sites++ === 0;
    return this.addSite({ ...range, function: this.name, parameters: this.parameters, kind: "statement", entry });
  }

  private hookDue(site: number): t.Expression {
    return countStep(this.names.state, "hit", t.numericLiteral(site));
  }

  /** The hook as an expression, for places where no statement can stand. */
  private hook(site: number, visible: Locals): t.Expression {
    return t.logicalExpression("&&", this.hookDue(site), yieldStop(site, visible));
  }
}

/** `($.step += 1) >= $.horizon && $.hit(SITE)`: a step is counted, and one of $'s functions asked if that is due. */
export function countStep(state: string, name: "hit" | "check_divergence", ...args: t.Expression[]): t.Expression {
  const field = (of: string) => t.memberExpression(t.identifier(state), t.identifier(of));
  const step = t.assignmentExpression("+=", field("step"), t.numericLiteral(1));
  return t.logicalExpression("&&", t.binaryExpression(">=", step, field("horizon")), t.callExpression(field(name), args));
}

/** `yield [[SITE, { …locals }]]` */
function yieldStop(site: number, visible: Locals): t.Expression {
  return t.yieldExpression(t.arrayExpression([t.arrayExpression([t.numericLiteral(site), localsObject(visible)])]));
}

function localsObject(visible: Locals): t.ObjectExpression {
  return t.objectExpression(visible.map((name) => t.objectProperty(t.identifier(name), t.identifier(name), false, true)));
}

/** False for what does nothing when execution passes it. */
function isExecuted(node: t.Statement): boolean {
  return !(
    t.isEmptyStatement(node) ||
    t.isFunctionDeclaration(node) ||
    t.isTSDeclareFunction(node) ||
    t.isTSInterfaceDeclaration(node) ||
    t.isTSTypeAliasDeclaration(node) ||
    isAmbient(node)
  );
}

/** `declare const x: T` and the like, which leave no code. */
function isAmbient(node: t.Statement): boolean {
  return "declare" in node && node.declare === true;
}

/** All value names that a statement adds to its block, readable as locals or not. */
function declaredNames(node: t.Statement): string[] {
  if (isAmbient(node)) return [];
  if (t.isVariableDeclaration(node)) return boundNames(node);
  return (t.isFunctionDeclaration(node) || t.isClassDeclaration(node) || t.isTSEnumDeclaration(node)) && node.id ? [node.id.name] : [];
}

/** Names bound by a parameter, pattern or variable declaration, in source order. */
function boundNames(node: t.Node): string[] {
  const identifiers = Object.values(t.getBindingIdentifiers(node));
  return identifiers.sort((a, b) => (a.start as number) - (b.start as number)).map((identifier) => identifier.name);
}

function without(visible: Locals, hidden: readonly string[]): Locals {
  return visible.filter((name) => !hidden.includes(name));
}
