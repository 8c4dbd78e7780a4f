// Messages of log points: text with expressions in braces; and the way of those and of traced events to the console.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Place } from "../../engine/replay/recording.ts";
import { evaluate, isError, type Expr } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { seenAt } from "./conditions.ts";
import { nameOfExpression, parse, PlaceEnvironment } from "../values/evaluate.ts";
import { formatValue } from "../values/format.ts";
import { takeQuestions } from "../values/past.ts";

/** So many messages are printed while the execution moves once; the others are counted. */
const MAX_MESSAGES = 1_000;

/** A message as it is written. */
type Message = readonly (string | Expr)[];

/** What is printed where a log point is hit. */
export type Log = (place: Place) => string;

/** A log message, or what is wrong with its text. `\{` is a brace. */
export function parseLog(text: string, simulation: () => Simulation): Log | { readonly mistake: string } {
  const parts: (string | Expr)[] = [];
  for (const [, plain, braced] of text.matchAll(/((?:\\[{}\\]|[^{\\]|\\(?![{}\\]))+)|\{([^}]*)\}?/g)) {
    if (plain !== undefined) {
      parts.push(plain.replace(/\\([{}\\])/g, "$1"));
      continue;
    }
    const expr = parse(braced!);
    if ("mistake" in expr) return { mistake: `Log message: {${braced}}: ${expr.mistake}` };
    if (takeQuestions(expr).questions.length > 0) return { mistake: "Log message: changes() and last_write() are for watches and the console: a log point can see only what is." };
    parts.push(expr);
  }
  return (place) => fillIn(parts, place, simulation());
}

function fillIn(message: Message, place: Place, simulation: Simulation): string {
  const environment = new PlaceEnvironment(simulation, place.task, seenAt(place));
  return message.map((part) => {
    if (typeof part === "string") return part;
    const value = evaluate(part, environment);
    return isError(value) ? `{${value.message}}` : formatValue(nameOfExpression(part), value, false);
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
