// What kernel generator functions may not contain, and what to write instead. Everything refused here either could not
// be stepped through faithfully or would make a locals list or a replayed run lie.
import type { File, Node } from "@babel/types";
import type { NodePath } from "@babel/traverse";
import { traverse } from "./traverse.ts";
import { hasEffects, isTracepoint } from "./tracepoints.ts";
import { isTopLevel, isUnwatchable } from "./watched.ts";

/** One reason not to build: a code, what is wrong and what to do, and where. Lines and columns count from 1. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** Thrown by `instrument` with every problem of the file. */
export class InstrumentError extends Error {
  constructor(
    readonly file: string,
    readonly problems: readonly Problem[],
  ) {
    super(problems.map((p) => `${file}:${p.line}:${p.column}: ${p.code}: ${p.message}`).join("\n"));
    this.name = "InstrumentError";
  }
}

const MESSAGES = {
  INSTRUMENT_TRY:
    "try/catch/finally cannot be stepped through: a run that is abandoned or replayed would not unwind it. " +
    "Return an error value, or move it into a plain function",
  INSTRUMENT_VAR: "var is visible before its declaration. Use const or let",
  INSTRUMENT_YIELD: "a kernel function may not yield by itself. Call what may stop with yield*, as in `yield* k.f(x)`",
  INSTRUMENT_ASYNC: "an async generator cannot be replayed. Remove async",
  INSTRUMENT_METHOD: "a generator method is not instrumented. Declare a top-level `function*` that takes the object as a parameter",
  INSTRUMENT_EXPRESSION: "a generator function expression is not instrumented. Declare it as a top-level `function*`",
  INSTRUMENT_NESTED: "a generator function must stand at the top level of its file. Move it there and pass what it needs as parameters",
  INSTRUMENT_NAME: "a generator function needs a name to appear in backtraces. Name it",
  INSTRUMENT_ARGUMENTS: "`arguments` cannot be shown as a local. Name the parameters",
  INSTRUMENT_CAPTURE:
    "a nested function may not assign to a local of the generator: backtraces show a caller's locals as they were at the call. " +
    "Return the value, or use a loop",
  INSTRUMENT_CASE:
    "a declaration directly in a switch case is visible in the other cases before it is initialised. Put braces around the case",
  INSTRUMENT_WRITE:
    "this write cannot be watched: its target would be evaluated twice. " +
    "Give the object or the index a name first, and write one field at a time",
  INSTRUMENT_TRACE:
    "arguments of a tracepoint are made for subscribers only, so they may not change or call anything that may stop. " +
    "Give the value a name first",
  INSTRUMENT_USING: "using disposes behind the debugger's back. Use const and release explicitly",
} as const;

type Code = keyof typeof MESSAGES;

/** Every refusal in the file, in source order. */
export function findProblems(ast: File): Problem[] {
  const problems: Problem[] = [];
  const refuse = (code: Code, node: Node) => {
    if (node.loc) problems.push({ code, message: MESSAGES[code], line: node.loc.start.line, column: node.loc.start.column + 1 });
  };
  traverse(ast, {
    Function(path) {
      if (!path.node.generator) return;
      const code = refusedForm(path);
      if (code) refuse(code, path.node);
    },
    TryStatement(path) {
      if (inGenerator(path)) refuse("INSTRUMENT_TRY", path.node);
    },
    VariableDeclaration(path) {
      if (!inGenerator(path)) return;
      if (path.node.kind === "var") refuse("INSTRUMENT_VAR", path.node);
      else if (path.node.kind !== "const" && path.node.kind !== "let") refuse("INSTRUMENT_USING", path.node);
    },
    YieldExpression(path) {
      if (!path.node.delegate) refuse("INSTRUMENT_YIELD", path.node);
    },
    Identifier(path) {
      if (path.node.name !== "arguments" || !path.isReferencedIdentifier()) return;
      const owner = path.findParent((parent) => parent.isFunction() && !parent.isArrowFunctionExpression());
      if (owner?.isFunction() === true && owner.node.generator) refuse("INSTRUMENT_ARGUMENTS", path.node);
    },
    "AssignmentExpression|UpdateExpression|ForXStatement"(path: NodePath) {
      if (isUnwatchable(path.node)) refuse("INSTRUMENT_WRITE", path.node);
      for (const name of Object.keys(path.getBindingIdentifiers())) {
        const owner = path.scope.getBinding(name)?.scope.getFunctionParent()?.path;
        if (owner && owner !== path.getFunctionParent() && isGenerator(owner)) refuse("INSTRUMENT_CAPTURE", path.node);
      }
    },
    CallExpression(path) {
      if (isTracepoint(path.node) && path.node.arguments.some(hasEffects)) refuse("INSTRUMENT_TRACE", path.node);
    },
    SwitchCase(path) {
      if (!inGenerator(path)) return;
      for (const statement of path.get("consequent")) if (statement.isDeclaration()) refuse("INSTRUMENT_CASE", statement.node);
    },
  });
  return problems;
}

/** Why a generator function in this form or place is refused, if it is. */
function refusedForm(path: NodePath): Code | undefined {
  if (path.isFunction() && path.node.async) return "INSTRUMENT_ASYNC";
  if (path.isMethod()) return "INSTRUMENT_METHOD";
  if (!path.isFunctionDeclaration()) return "INSTRUMENT_EXPRESSION";
  if (!isTopLevel(path)) return "INSTRUMENT_NESTED";
  return path.node.id ? undefined : "INSTRUMENT_NAME";
}

function inGenerator(path: NodePath): boolean {
  const owner = path.getFunctionParent();
  return owner !== null && isGenerator(owner);
}

function isGenerator(path: NodePath): boolean {
  return path.isFunction() && path.node.generator === true;
}
