// The commands of the terminal and of the debug console: their names, and how their arguments are parsed.

import { nearestName } from "../scenario/program/spelling.ts";

/** A command that cannot be executed. Its message is one line; nothing has been done. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

export interface CommandDescription {
  /** The full name first. */
  readonly names: readonly string[];
  /** How to write the command with its argument; absent if it takes none. */
  readonly usage?: string;
  readonly doc: string;
}

/** The first word of a line, and the rest. */
export function splitCommandLine(line: string): { readonly word: string; readonly argument: string } {
  // `x/16` is the command x with a number.
  const [, word = "", argument = ""] = /^\s*(x(?=\/)|\S+)\s*(.*?)\s*$/s.exec(line) ?? [];
  return { word, argument };
}

/** The command of that name. Throws a CommandError if there is none, or if it takes no argument. */
export function findCommand<C extends CommandDescription>(commands: readonly C[], word: string, argument: string): C {
  const command = commands.find(({ names }) => names.includes(word));
  if (command === undefined) {
    const near = nearestName(
      word,
      commands.flatMap(({ names }) => names),
    );
    throw new CommandError(
      `There is no command '${word.slice(0, 60)}'.${near === undefined ? "" : ` Did you mean '${near}'?`} 'help' lists the commands.`,
    );
  }
  if (argument !== "" && command.usage === undefined) throw new CommandError(`'${word}' takes no argument.`);
  return command;
}

/** The list that `help` prints. */
export function helpLines(commands: readonly CommandDescription[]): string[] {
  const rows = commands.map(({ names, usage, doc }) => ({ left: [usage ?? names[0]!, ...names.slice(1)].join(", "), doc }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, doc }) => `${left.padEnd(width)}  ${doc}`);
}

/** Parses a whole number, with or without `_`. Throws a CommandError with the usage of the command. */
export function parseWholeNumber(text: string, usage: string): number {
  const value = Number(text.replaceAll("_", ""));
  if (!/^[\d_]+$/.test(text) || !Number.isSafeInteger(value)) throw new CommandError(`Write: ${usage}`);
  return value;
}
