// A session as text that stays the same from run to run: ids are numbered as they appear, places in kernel sources are
// shown by the text of their line, and figures of model time are left out.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { readFileSync } from "node:fs";
import path from "node:path";
import { CLI } from "./client.ts";

const KERNEL = path.join(path.dirname(CLI), "kernel");
/** Numbers that only count messages, time or steps. */
const FIGURES: ReadonlySet<string> = new Set(["step", "event", "events", "time", "since", "longestHold"]);
/** Numbers that change with the text of a kernel source. */
const PLACES: ReadonlySet<string> = new Set(["line", "column", "endLine", "endColumn"]);
/** Requests whose answers have places in kernel sources without saying so. */
const ABOUT_KERNELS: ReadonlySet<string> = new Set(["setFunctionBreakpoints"]);
/** Ids by the names of the properties that hold them. */
const IDS: Readonly<Record<string, string>> = {
  variablesReference: "ref",
  frameId: "frame",
  id: "id",
  hitBreakpointIds: "id",
  targetId: "id",
};

export class Transcript {
  private readonly numbers = new Map<string, number>();
  /** The current request, and so its response, is about a kernel source. */
  private inKernel = false;

  /** @param hidden paths of this machine, and their placeholders */
  constructor(private readonly hidden: Readonly<Record<string, string>>) {}

  /** The messages of the adapter, one a line, and each request before its response, as the moment of sending varies. */
  text(messages: readonly DebugProtocol.ProtocolMessage[]): string {
    const requests = messages.filter(({ type }) => type === "request") as DebugProtocol.Request[];
    const lines: string[] = [];
    for (const message of messages) {
      if (message.type === "request") continue;
      const at =
        message.type === "response" ? requests.findIndex(({ command }) => command === (message as DebugProtocol.Response).command) : -1;
      if (at >= 0) lines.push(this.line(requests.splice(at, 1)[0]!));
      lines.push(this.line(message));
    }
    return lines.map((line) => `${line}\n`).join("");
  }

  private line(message: DebugProtocol.ProtocolMessage): string {
    const {
      command,
      event,
      success,
      body,
      arguments: args,
      message: error,
    } = message as DebugProtocol.Request & DebugProtocol.Event & DebugProtocol.Response;
    if (message.type === "request")
      this.inKernel =
        ABOUT_KERNELS.has(command) || (args as { source?: DebugProtocol.Source } | undefined)?.source?.path?.startsWith(KERNEL) === true;
    if (message.type === "request") return `→ ${command}${this.show(args)}`;
    if (message.type === "event") return `  ◇ ${event}${this.show(body)}`;
    // The capabilities have a transcript of their own.
    return success
      ? `  ← ${command}${command === "initialize" ? " {…}" : this.show(body)}`
      : `  ← ${command} failed: ${this.textOf(String(error))}`;
  }

  private show(value: unknown): string {
    return value === undefined ? "" : ` ${JSON.stringify(this.stable(value, ""))}`;
  }

  private stable(value: unknown, name: string): unknown {
    if (typeof value === "string") return this.textOf(value);
    if (typeof value === "number") return this.number(value, name);
    if (Array.isArray(value)) return value.map((item) => this.stable(item, name));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(this.placed(value as Record<string, unknown>)).map(([key, item]) => [key, this.stable(item, key)]),
    );
  }

  private number(value: number, name: string): unknown {
    if (FIGURES.has(name) || (this.inKernel && PLACES.has(name))) return "N";
    const kind = IDS[name];
    if (kind === undefined || value === 0) return value;
    const key = `${kind === "frame" ? "id" : kind} ${value}`;
    if (!this.numbers.has(key)) this.numbers.set(key, this.numbers.size + 1);
    return `#${this.numbers.get(key)}`;
  }

  /** The place of a frame in a kernel source, by its text. */
  private placed(value: Record<string, unknown>): Record<string, unknown> {
    const file = (value["source"] as DebugProtocol.Source | undefined)?.path;
    if (file === undefined || !file.startsWith(KERNEL) || typeof value["line"] !== "number") return value;
    const rest = Object.entries(value).filter(([key]) => !["line", "column", "endLine", "endColumn"].includes(key));
    return { ...Object.fromEntries(rest), at: readFileSync(file, "utf8").split("\n")[Number(value["line"]) - 1]!.trim() };
  }

  private textOf(text: string): string {
    const known = Object.entries(this.hidden).reduce((shown, [hide, name]) => shown.replaceAll(hide, name), text);
    return known
      .replace(/(<kernel>\/[^:\s]+):\d+:\d+/g, "$1:N")
      .replace(/^ *\d+(?= +[\d.]+ µs +(?:CPU|helper))/, "N")
      .replace(/event \d+\/\d+/g, "event N/N")
      .replace(/event \d+/g, "event N")
      .replace(/step \d+/g, "step N")
      .replace(/execution of line \d+/g, "execution of line N")
      .replace(/\d+ events/g, "N events")
      .replace(/[\d.]+ (?:ns|[µu]s|ms|s)\b/g, "T");
  }
}

export { KERNEL };
