// The language of the debug console: commands beside expressions, and completions.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { CommandError, findCommand, helpLines, splitCommandLine, type CommandDescription } from "../../console/command.ts";
import { INSPECT_COMMANDS, type OutputLine, type InspectCommand, type InspectContext } from "../../console/inspect-commands.ts";
import { NAVIGATION_COMMANDS, type Navigation, type NavigationCommand } from "../../console/navigation-commands.ts";
import { evaluate, isError, type Value } from "../../scenario/index.ts";
import { CONSTANTS, DEBUGGER_FUNCTIONS, FUNCTIONS } from "../../scenario/catalogue/index.ts";
import type { HostObject } from "../../scenario/program/expression.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import { parseWatchExpression, FrameEnvironment } from "../values/evaluate.ts";
import { visibleFields } from "../values/format.ts";

/** A command of the console, and what it does. */
export type ConsoleCommand =
  | (CommandDescription & { readonly kind: "navigation"; readonly command: NavigationCommand })
  | (CommandDescription & { readonly kind: "inspect"; readonly command: InspectCommand })
  | (CommandDescription & { readonly kind: "stops"; readonly to: "nextStop" | "previousStop" })
  | (CommandDescription & { readonly kind: "branch" | "help" });

const COMMANDS: readonly ConsoleCommand[] = [
  ...NAVIGATION_COMMANDS.map((command): ConsoleCommand => ({ ...command, kind: "navigation", command })),
  { names: ["next-stop"], doc: "go to the next stop in the history of stops", kind: "stops", to: "nextStop" },
  { names: ["previous-stop"], doc: "go back to the previous stop in the history of stops", kind: "stops", to: "previousStop" },
  ...INSPECT_COMMANDS.map((command): ConsoleCommand => ({ ...command, kind: "inspect", command })),
  { names: ["branch"], usage: "branch [leave]", doc: "list what makes this branch, or go back to the recorded execution", kind: "branch" },
  { names: ["help"], doc: "this list", kind: "help" },
];

/** A line that is not an expression: a command with its argument, or an assignment. */
export type ConsoleLine =
  | { readonly kind: "command"; readonly command: ConsoleCommand; readonly argument: string }
  | { readonly kind: "set"; readonly place: string; readonly value: string };

/**
 * Reads a line of the console; null if it is an expression. A single letter is a name of the scenario, not a command.
 * @param isName whether a word is a name that an expression may begin with
 */
export function readLine(line: string, isName: (word: string) => boolean): ConsoleLine | null {
  const { word, argument } = splitCommandLine(line);
  const known = COMMANDS.some(({ names }) => names.includes(word)) && (word.length > 1 || word === "x");
  // `next == 3` compares the value of a name `next`.
  const expression =
    isName(word) && (argument === "" || /^[-+*/%<>=!&|^?.[]/.test(argument)) && !(word === "x" && argument.startsWith("/"));
  if (known && !expression) return { kind: "command", command: findConsoleCommand(word, argument), argument };
  return readAssignment(line);
}

/** An assignment; null if it is something else. */
export function readAssignment(text: string): (ConsoleLine & { kind: "set" }) | null {
  const assignment = /^([^=]*[^=!<>\s])\s*=(?!=)\s*([^=\s].*)$/s.exec(text.trim());
  return assignment === null ? null : { kind: "set", place: assignment[1]!, value: assignment[2]! };
}

function findConsoleCommand(word: string, argument: string): ConsoleCommand {
  return withCommandErrors(() => findCommand(COMMANDS, word, argument));
}

/** Runs code of a command; a CommandError becomes an AdapterError with its message. */
export function withCommandErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof CommandError ? adapterErrors.notEvaluated(error.message) : error;
  }
}

export function consoleHelp(): OutputLine[] {
  const more = [
    "Anything else is an expression, such as details->restart_addr or changes(data.truncate_count), or sets one: data.truncate_count = 7.",
  ];
  return [...helpLines(COMMANDS), ...more].map((text) => ({ text }));
}

/** Where a navigation command leads. Expressions in its argument are evaluated at the current stop. */
export function navigationOf({ navigation }: NavigationCommand, argument: string, environment: FrameEnvironment): Navigation {
  return withCommandErrors(() =>
    navigation(argument, (text) => {
      const value = evaluateArgument(text, environment);
      if (typeof value !== "number") throw new CommandError(`'${text}' is no number.`);
      return value;
    }),
  );
}

/** The value of an expression in a command. */
export function evaluateArgument(text: string, environment: FrameEnvironment): Value {
  const expr = parseWatchExpression(text);
  if ("mistake" in expr) throw new CommandError(expr.mistake);
  const value = evaluate(expr, environment);
  if (isError(value)) throw new CommandError(value.message);
  return value;
}

/** What an inspect command works on. */
export function commandView(
  recording: InspectContext["recording"],
  textOf: InspectContext["statementText"],
  environment: FrameEnvironment,
): InspectContext {
  return { recording, statementText: textOf, evaluate: (text) => evaluateArgument(text, environment) };
}

/** Completions of a command's argument. */
const ARGUMENT_WORDS: Readonly<Record<string, readonly string[]>> = {
  info: ["vmas", "locks", "tree", "trace"],
  goto: ["event", "time", "step"],
  branch: ["leave"],
};

/** Completion items for the end of a line. */
export function completions(line: string, environment: FrameEnvironment): DebugProtocol.CompletionItem[] {
  const [, path, word] = /((?:[\w\]]+(?:\[[^\]]*\])*\s*(?:\.|->)\s*)*)(\w*)$/.exec(line)!;
  const item = (label: string, type: DebugProtocol.CompletionItemType, detail = "", typed = word!): DebugProtocol.CompletionItem => ({
    label,
    type,
    start: line.length - typed.length,
    length: typed.length,
    ...(detail === "" ? {} : { detail }),
  });
  if (path !== "")
    return fieldsOf(path!.replace(/\s*(?:\.|->)\s*$/, ""), environment)
      .filter((name) => name.startsWith(word!))
      .map((name) => item(name, "field"));
  const functions = [...FUNCTIONS, ...DEBUGGER_FUNCTIONS].map(({ name, doc }) => item(name, "function", doc));
  const names = [...new Set(environment.names())].map((name) => item(name, Object.hasOwn(CONSTANTS, name) ? "value" : "variable"));
  const [, commandWord = ""] = /^\s*(\w+)\s+\w*$/.exec(line) ?? [];
  if (Object.hasOwn(ARGUMENT_WORDS, commandWord))
    return ARGUMENT_WORDS[commandWord]!.filter((name) => name.startsWith(word!)).map((name) => item(name, "keyword"));
  const fitting = [...names, ...functions].filter(({ label }) => label.startsWith(word!));
  const [, first] = /^\s*([\w-]*)$/.exec(line) ?? [];
  if (first === undefined) return fitting;
  const all = COMMANDS.flatMap(({ names: own, doc }) =>
    own.filter((name) => name.length > 2 || name === "x").map((name) => item(name, "keyword", doc, first)),
  );
  return [...all.filter(({ label }) => label.startsWith(first)), ...fitting];
}

function fieldsOf(container: string, environment: FrameEnvironment): string[] {
  const expr = parseWatchExpression(container);
  const value = "mistake" in expr ? null : evaluate(expr, environment);
  return typeof value === "object" && value !== null && !isError(value) ? visibleFields(value as HostObject) : [];
}
