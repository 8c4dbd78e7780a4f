// Answers what is typed into the debug console.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Row } from "../../console/shows.ts";
import type { Answer, Emit } from "../protocol/answer.ts";
import { completions, consoleHelp, readAssignment, readLine, told, travelOf, viewOf, type ConsoleCommand, type Line } from "./console.ts";
import { errors } from "../protocol/errors.ts";
import type { Inspection } from "./inspection.ts";
import type { Motions } from "./motions.ts";
import type { Sources } from "../sources/sources.ts";
import type { StackFrame } from "../values/stack.ts";

type Evaluated = Answer<DebugProtocol.EvaluateResponse["body"]>;

const NOTHING = { result: "", variablesReference: 0 };

export class Repl {
  constructor(
    private readonly inspection: Inspection,
    private readonly motions: Motions,
    private readonly sources: Sources,
    private readonly emit: Emit,
  ) {}

  async evaluate(args: DebugProtocol.EvaluateArguments): Promise<Evaluated> {
    const { expression, context, frameId } = args;
    if (typeof expression === "string" && context !== "repl" && readAssignment(expression) !== null) throw errors.looks_only();
    if (context !== "repl" || typeof expression !== "string") return { body: await this.inspection.evaluate(args) };
    const frame = frameId === undefined ? null : this.inspection.frame(frameId);
    const environment = this.inspection.environment(frame);
    const line = readLine(expression, (word) => environment.name(word) !== undefined);
    if (line === null) return { body: await this.inspection.evaluate(args) };
    return line.kind === "set" ? this.set(args, line, frame) : this.execute(line, expression, frame);
  }

  completions({ text, column, line = 1, frameId }: DebugProtocol.CompletionsArguments): DebugProtocol.CompletionsResponse["body"] {
    const frame = frameId === undefined ? null : this.inspection.frame(frameId);
    const typed = (text.split("\n")[line - (this.sources.conventions.linesStartAt1 ? 1 : 0)] ?? "").slice(0, this.sources.column(column)! - 1);
    return { targets: completions(typed, this.inspection.environment(frame)) };
  }

  private async set(args: DebugProtocol.EvaluateArguments, { place, value }: Line & { kind: "set" }, frame: StackFrame | null): Promise<Evaluated> {
    const after = this.motions.set(place, value, frame);
    return { body: await this.inspection.evaluate({ ...args, expression: place }), ...(after === undefined ? {} : { after }) };
  }

  private async execute({ command, argument }: Line & { kind: "command" }, line: string, frame: StackFrame | null): Promise<Evaluated> {
    switch (command.kind) {
      case "travel":
        return { ...this.motions.travel(travelOf(command.command, argument, this.inspection.environment(frame)), frame), body: NOTHING };
      case "stops":
        return { ...this.motions.goTo({ to: command.to }), body: NOTHING };
      case "show":
        return { body: this.print(line, await this.show(command, argument, frame)) };
      case "help":
        return { body: this.print(line, consoleHelp()) };
      case "branch":
        if (argument === "leave") return { ...this.motions.leaveBranch(), body: NOTHING };
        if (argument !== "") throw errors.not_evaluated("Write: branch, or branch leave");
        return { body: this.print(line, this.motions.branchLines().map((text) => ({ text }))) };
    }
  }

  private async show({ command }: ConsoleCommand & { kind: "show" }, argument: string, frame: StackFrame | null): Promise<Row[]> {
    const { execution, debuggee } = this.inspection.standing();
    const view = viewOf(execution.recording, (statement) => debuggee.quote(statement), this.inspection.environment(frame));
    const operation = command.show(view, argument);
    // What is wrong with an argument is found before the operation takes any time.
    const first = told(() => operation.next());
    return first.done === true ? first.value : this.inspection.inquire(operation);
  }

  /** One line is the answer; more are printed as a group, each with the line of the scenario that it is about. */
  private print(title: string, rows: readonly Row[]): DebugProtocol.EvaluateResponse["body"] {
    if (rows.length === 1) return { result: rows[0]!.text, variablesReference: 0 };
    const print = (output: string, more: object): void => this.emit("output", { category: "console", output: `${output}\n`, ...more });
    const source = this.sources.debuggee === null ? undefined : this.sources.scenarioSource(this.sources.debuggee);
    print(title.trim(), { group: "start" });
    for (const { text, line } of rows) print(text, line === undefined || source === undefined ? {} : { source, line: line - (this.sources.conventions.linesStartAt1 ? 0 : 1) });
    this.emit("output", { category: "console", output: "", group: "end" });
    return NOTHING;
  }
}
