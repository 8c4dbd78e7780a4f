// Messages of log points: text with expressions in braces; and the way of those and of traced events to the console.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Place } from "../../engine/replay/recording.ts";
import { evaluate, isError, type Expr } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { seen_at } from "./conditions.ts";
import { name_of_expression, parse, PlaceEnvironment } from "../values/evaluate.ts";
import { format_value } from "../values/format.ts";
import { take_questions } from "../values/past.ts";

/** So many messages are printed while the execution moves once; the others are counted. */
const MAX_MESSAGES = 1_000;

/** A message as it is written. */
type Message = readonly (string | Expr)[];

/** What is printed where a log point is hit. */
export type Log = (place: Place) => string;

/** A log message, or what is wrong with its text. `\{` is a brace. */
export function parse_log(text: string, simulation: () => Simulation): Log | { readonly mistake: string } {
  const parts: (string | Expr)[] = [];
  for (const [, plain, braced] of text.matchAll(/((?:\\[{}\\]|[^{\\]|\\(?![{}\\]))+)|\{([^}]*)\}?/g)) {
    if (plain !== undefined) {
      parts.push(plain.replace(/\\([{}\\])/g, "$1"));
      continue;
    }
    const expr = parse(braced!);
    if ("mistake" in expr) return { mistake: `Log message: {${braced}}: ${expr.mistake}` };
    if (take_questions(expr).questions.length > 0) return { mistake: "Log message: changes() and last_write() are for watches and the console: a log point can see only what is." };
    parts.push(expr);
  }
  return (place) => fill_in(parts, place, simulation());
}

function fill_in(message: Message, place: Place, simulation: Simulation): string {
  const environment = new PlaceEnvironment(simulation, place.task, seen_at(place));
  return message.map((part) => {
    if (typeof part === "string") return part;
    const value = evaluate(part, environment);
    return isError(value) ? `{${value.message}}` : format_value(name_of_expression(part), value, false);
  }).join("");
}

/** Prints the messages of one motion, up to a number. */
export class LogPrinter {
  private printed = 0;

  constructor(private readonly print: (text: string, where: Partial<DebugProtocol.OutputEvent["body"]>) => void) {}

  message(text: string, where: Partial<DebugProtocol.OutputEvent["body"]>): void {
    if ((this.printed += 1) <= MAX_MESSAGES) this.print(text, where);
  }

  /** The motion is over. */
  end(): void {
    if (this.printed > MAX_MESSAGES) this.print(`… and ${this.printed - MAX_MESSAGES} more messages.`, {});
    this.printed = 0;
  }
}
