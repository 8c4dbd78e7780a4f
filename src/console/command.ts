// Commands of the console, wherever it is: what they are called, and how their arguments are read.

import { suggest } from "../scenario/program/suggest.ts";

/** A command that makes no sense: said in one line, and nothing has happened. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

export interface Named {
  /** The full name first. */
  readonly names: readonly string[];
  /** How it is written, if it takes an argument. */
  readonly form?: string;
  readonly doc: string;
}

/** The first word of a line, and the rest. */
export function split(line: string): { readonly word: string; readonly argument: string } {
  // `x/16` is the command x with a number.
  const [, word = "", argument = ""] = /^\s*(x(?=\/)|\S+)\s*(.*?)\s*$/s.exec(line) ?? [];
  return { word, argument };
}

/** The command of that name. Throws a CommandError if there is none, or if it takes no argument. */
export function findCommand<C extends Named>(commands: readonly C[], word: string, argument: string): C {
  const command = commands.find(({ names }) => names.includes(word));
  if (command === undefined) {
    const near = suggest(word, commands.flatMap(({ names }) => names));
    throw new CommandError(`There is no command '${word.slice(0, 60)}'.${near === undefined ? "" : ` Did you mean '${near}'?`} 'help' lists the commands.`);
  }
  if (argument !== "" && command.form === undefined) throw new CommandError(`'${word}' takes no argument.`);
  return command;
}

/** The list that `help` prints. */
export function helpLines(commands: readonly Named[]): string[] {
  const rows = commands.map(({ names, form, doc }) => ({ left: [form ?? names[0]!, ...names.slice(1)].join(", "), doc }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, doc }) => `${left.padEnd(width)}  ${doc}`);
}

/** A whole number, with or without `_`. Throws a CommandError that says how to write it. */
export function whole(text: string, form: string): number {
  const value = Number(text.replaceAll("_", ""));
  if (!/^[\d_]+$/.test(text) || !Number.isSafeInteger(value)) throw new CommandError(`Write: ${form}`);
  return value;
}
