// Messages of log points, texts with expressions in braces, and how they and traced tracepoints are printed.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { BreakpointContext } from "../../engine/replay/recording.ts";
import { evaluate, isError, type Expr } from "../../scenario/index.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { localsAtHit } from "./conditions.ts";
import { displayNameOf, parseWatchExpression, FrameEnvironment } from "../values/evaluate.ts";
import { formatValue } from "../values/format.ts";
import { extractHistoryQueries } from "../values/data-history.ts";

/** At most this many messages are printed during one operation; the others are counted. */
const MAX_MESSAGES = 1_000;

/** A message: texts and expressions. */
type MessageParts = readonly (string | Expr)[];

/** Makes the text that is printed where a log point is hit. */
export type LogMessage = (place: BreakpointContext) => string;

/** A log message, or what is wrong with its text. `\{` is a brace. */
export function parseLogMessage(text: string, simulation: () => Simulation): LogMessage | { readonly mistake: string } {
  const parts: (string | Expr)[] = [];
  for (const [, plain, braced] of text.matchAll(/((?:\\[{}\\]|[^{\\]|\\(?![{}\\]))+)|\{([^}]*)\}?/g)) {
    if (plain !== undefined) {
      parts.push(plain.replace(/\\([{}\\])/g, "$1"));
      continue;
    }
    const expr = parseWatchExpression(braced!);
    if ("mistake" in expr) return { mistake: `Log message: {${braced}}: ${expr.mistake}` };
    if (extractHistoryQueries(expr).queries.length > 0)
      return {
        mistake:
          "Log message: changes() and last_write() are for watches and the console: a log message depends only on the current state.",
      };
    parts.push(expr);
  }
  return (place) => fillIn(parts, place, simulation());
}

function fillIn(message: MessageParts, place: BreakpointContext, simulation: Simulation): string {
  const environment = new FrameEnvironment(simulation, place.task, localsAtHit(place));
  return message
    .map((part) => {
      if (typeof part === "string") return part;
      const value = evaluate(part, environment);
      return isError(value) ? `{${value.message}}` : formatValue(displayNameOf(part), value, false);
    })
    .join("");
}

/** Prints the messages of one operation, up to a number. */
export class LogPrinter {
  private printed = 0;

  constructor(private readonly sendOutput: (text: string, where: Partial<DebugProtocol.OutputEvent["body"]>) => void) {}

  print(text: string, where: Partial<DebugProtocol.OutputEvent["body"]>): void {
    if ((this.printed += 1) <= MAX_MESSAGES) this.sendOutput(text, where);
  }

  /** The operation is over: prints how many messages were left out. */
  flush(): void {
    if (this.printed > MAX_MESSAGES) this.sendOutput(`… and ${this.printed - MAX_MESSAGES} more messages.`, {});
    this.printed = 0;
  }
}
