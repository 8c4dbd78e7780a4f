// The debug console: commands beside expressions, and what can be typed next.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { CommandError, findCommand, helpLines, split, type Named } from "../../console/command.ts";
import { SHOWS, type Row, type ShowCommand, type View } from "../../console/shows.ts";
import { TRAVELS, type Travel, type TravelCommand } from "../../console/travel.ts";
import { evaluate, isError, type Value } from "../../scenario/index.ts";
import { CONSTANTS, DEBUGGER_FUNCTIONS, FUNCTIONS } from "../../scenario/catalogue/index.ts";
import type { HostObject } from "../../scenario/program/expression.ts";
import { errors } from "../protocol/errors.ts";
import { parse, PlaceEnvironment } from "../values/evaluate.ts";
import { visibleFields } from "../values/format.ts";

/** A command of the console, and what it does. */
export type ConsoleCommand =
  | (Named & { readonly kind: "travel"; readonly command: TravelCommand })
  | (Named & { readonly kind: "show"; readonly command: ShowCommand })
  | (Named & { readonly kind: "stops"; readonly to: "nextStop" | "previousStop" })
  | (Named & { readonly kind: "branch" | "help" });

const COMMANDS: readonly ConsoleCommand[] = [
  ...TRAVELS.map((command): ConsoleCommand => ({ ...command, kind: "travel", command })),
  { names: ["next-stop"], doc: "go on to where one has stopped after this", kind: "stops", to: "nextStop" },
  { names: ["previous-stop"], doc: "go back to where one has stopped before", kind: "stops", to: "previousStop" },
  ...SHOWS.map((command): ConsoleCommand => ({ ...command, kind: "show", command })),
  { names: ["branch"], form: "branch [leave]", doc: "list what makes this branch, or go back to the recorded execution", kind: "branch" },
  { names: ["help"], doc: "this list", kind: "help" },
];

/** What a line asks for: a command with its argument, or an assignment; null if it is an expression. */
export type Line =
  | { readonly kind: "command"; readonly command: ConsoleCommand; readonly argument: string }
  | { readonly kind: "set"; readonly place: string; readonly value: string };

/**
 * Reads a line of the console. A single letter is a name of the scenario, not a command.
 * @param isName whether a word is a name that an expression may begin with
 */
export function readLine(line: string, isName: (word: string) => boolean): Line | null {
  const { word, argument } = split(line);
  const known = COMMANDS.some(({ names }) => names.includes(word)) && (word.length > 1 || word === "x");
  // `next == 3` is about something that is called next.
  const expression = isName(word) && (argument === "" || /^[-+*/%<>=!&|^?.[]/.test(argument)) && !(word === "x" && argument.startsWith("/"));
  if (known && !expression) return { kind: "command", command: command(word, argument), argument };
  return readAssignment(line);
}

/** An assignment; null if it is something else. */
export function readAssignment(text: string): (Line & { kind: "set" }) | null {
  const assignment = /^([^=]*[^=!<>\s])\s*=(?!=)\s*([^=\s].*)$/s.exec(text.trim());
  return assignment === null ? null : { kind: "set", place: assignment[1]!, value: assignment[2]! };
}

function command(word: string, argument: string): ConsoleCommand {
  return told(() => findCommand(COMMANDS, word, argument));
}

/** A command that makes no sense is an answer that says so. */
export function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof CommandError ? errors.not_evaluated(error.message) : error;
  }
}

export function consoleHelp(): Row[] {
  const more = ["Anything else is an expression, such as details->restart_addr or changes(data.truncate_count), or sets one: data.truncate_count = 7."];
  return [...helpLines(COMMANDS), ...more].map((text) => ({ text }));
}

/** Where a travel command leads. Expressions in it are evaluated at the place at hand. */
export function travelOf({ travel }: TravelCommand, argument: string, environment: PlaceEnvironment): Travel {
  return told(() => travel(argument, (text) => {
    const value = evaluated(text, environment);
    if (typeof value !== "number") throw new CommandError(`'${text}' is no number.`);
    return value;
  }));
}

/** The value of an expression in a command. */
export function evaluated(text: string, environment: PlaceEnvironment): Value {
  const expr = parse(text);
  if ("mistake" in expr) throw new CommandError(expr.mistake);
  const value = evaluate(expr, environment);
  if (isError(value)) throw new CommandError(value.message);
  return value;
}

/** What a command that shows something has to look at. */
export function viewOf(recording: View["recording"], textOf: View["textOf"], environment: PlaceEnvironment): View {
  return { recording, textOf, evaluate: (text) => evaluated(text, environment) };
}

/** Words that can follow a command. */
const WORDS_AFTER: Readonly<Record<string, readonly string[]>> = { info: ["vmas", "locks", "tree", "trace"], goto: ["event", "time", "step"], branch: ["leave"] };

/** What can stand at the end of a line. */
export function completions(line: string, environment: PlaceEnvironment): DebugProtocol.CompletionItem[] {
  const [, path, word] = /((?:[\w\]]+(?:\[[^\]]*\])*\s*(?:\.|->)\s*)*)(\w*)$/.exec(line)!;
  const item = (label: string, type: DebugProtocol.CompletionItemType, detail = "", typed = word!): DebugProtocol.CompletionItem => ({ label, type, start: line.length - typed.length, length: typed.length, ...(detail === "" ? {} : { detail }) });
  if (path !== "") return fieldsOf(path!.replace(/\s*(?:\.|->)\s*$/, ""), environment).filter((name) => name.startsWith(word!)).map((name) => item(name, "field"));
  const functions = [...FUNCTIONS, ...DEBUGGER_FUNCTIONS].map(({ name, doc }) => item(name, "function", doc));
  const names = [...new Set(environment.names())].map((name) => item(name, Object.hasOwn(CONSTANTS, name) ? "value" : "variable"));
  const [, commandWord = ""] = /^\s*(\w+)\s+\w*$/.exec(line) ?? [];
  if (Object.hasOwn(WORDS_AFTER, commandWord)) return WORDS_AFTER[commandWord]!.filter((name) => name.startsWith(word!)).map((name) => item(name, "keyword"));
  const fitting = [...names, ...functions].filter(({ label }) => label.startsWith(word!));
  const [, first] = /^\s*([\w-]*)$/.exec(line) ?? [];
  if (first === undefined) return fitting;
  const all = COMMANDS.flatMap(({ names: own, doc }) => own.filter((name) => name.length > 2 || name === "x").map((name) => item(name, "keyword", doc, first)));
  return [...all.filter(({ label }) => label.startsWith(first)), ...fitting];
}

function fieldsOf(container: string, environment: PlaceEnvironment): string[] {
  const expr = parse(container);
  const value = "mistake" in expr ? null : evaluate(expr, environment);
  return typeof value === "object" && value !== null && !isError(value) ? visibleFields(value as HostObject) : [];
}
