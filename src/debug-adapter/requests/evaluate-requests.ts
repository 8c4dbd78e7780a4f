// Answers all `evaluate` requests (expressions of watches and hovers; commands, assignments and expressions of the debug console), and the
// `completions` requests of the console.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { OutputLine } from "../../console/inspect-commands.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import type { RequestResult, SendEvent } from "../protocol/request-result.ts";
import type { Sources } from "../sources/sources.ts";
import type { StackFrame } from "../values/stack.ts";
import type { BranchRequests } from "./branch-requests.ts";
import {
  commandView,
  completions,
  consoleHelp,
  navigationOf,
  readAssignment,
  readLine,
  withCommandErrors,
  type ConsoleCommand,
  type ConsoleLine,
} from "./console-commands.ts";
import type { Inspection } from "./inspection.ts";
import type { NavigationRequests } from "./navigation-requests.ts";

type EvaluateResult = RequestResult<DebugProtocol.EvaluateResponse["body"]>;

/** The body for a command whose effect is seen elsewhere. */
const EMPTY_RESULT = { result: "", variablesReference: 0 };

export class EvaluateRequests {
  constructor(
    private readonly inspection: Inspection,
    private readonly navigation: NavigationRequests,
    private readonly branches: BranchRequests,
    private readonly sources: Sources,
    private readonly sendEvent: SendEvent,
  ) {}

  async evaluate(args: DebugProtocol.EvaluateArguments): Promise<EvaluateResult> {
    const { expression, context, frameId } = args;
    if (typeof expression === "string" && context !== "repl" && readAssignment(expression) !== null)
      throw adapterErrors.watchCannotAssign();
    if (context !== "repl" || typeof expression !== "string") return { body: await this.inspection.evaluate(args) };
    const frame = frameId === undefined ? null : this.inspection.frame(frameId);
    const environment = this.inspection.environment(frame);
    const line = readLine(expression, (word) => environment.lookup(word) !== undefined);
    if (line === null) return { body: await this.inspection.evaluate(args) };
    return line.kind === "set" ? this.set(args, line, frame) : this.execute(line, expression, frame);
  }

  completions({ text, column, line = 1, frameId }: DebugProtocol.CompletionsArguments): DebugProtocol.CompletionsResponse["body"] {
    const frame = frameId === undefined ? null : this.inspection.frame(frameId);
    const lineText = text.split("\n")[this.sources.fromClientLine(line) - 1] ?? "";
    const typed = lineText.slice(0, this.sources.fromClientColumn(column)! - 1);
    return { targets: completions(typed, this.inspection.environment(frame)) };
  }

  private async set(
    args: DebugProtocol.EvaluateArguments,
    { place, value }: ConsoleLine & { kind: "set" },
    frame: StackFrame | null,
  ): Promise<EvaluateResult> {
    const afterResponse = this.branches.setValue(place, value, frame);
    const body = await this.inspection.evaluate({ ...args, expression: place });
    return { body, ...(afterResponse === undefined ? {} : { afterResponse }) };
  }

  private async execute(
    { command, argument }: ConsoleLine & { kind: "command" },
    line: string,
    frame: StackFrame | null,
  ): Promise<EvaluateResult> {
    switch (command.kind) {
      case "navigation":
        return this.navigate(command, argument, frame);
      case "stops":
        return { ...this.navigation.goto({ to: command.to }), body: EMPTY_RESULT };
      case "inspect":
        return { body: this.print(line, await this.inspect(command, argument, frame)) };
      case "help":
        return { body: this.print(line, consoleHelp()) };
      case "branch":
        if (argument === "leave") return { ...this.branches.leaveBranch(), body: EMPTY_RESULT };
        if (argument !== "") throw adapterErrors.notEvaluated("Write: branch, or branch leave");
        return {
          body: this.print(
            line,
            this.branches.branchLines().map((text) => ({ text })),
          ),
        };
    }
  }

  private navigate({ command }: ConsoleCommand & { kind: "navigation" }, argument: string, frame: StackFrame | null): EvaluateResult {
    const navigation = navigationOf(command, argument, this.inspection.environment(frame));
    return { ...this.navigation.navigate(navigation, frame), body: EMPTY_RESULT };
  }

  private async inspect(
    { command }: ConsoleCommand & { kind: "inspect" },
    argument: string,
    frame: StackFrame | null,
  ): Promise<OutputLine[]> {
    const { execution, debuggee } = this.inspection.requireStopped();
    const view = commandView(execution.recording, (statement) => debuggee.quote(statement), this.inspection.environment(frame));
    const query = command.inspect(view, argument);
    // An argument that is wrong is found before the query takes any time.
    const first = withCommandErrors(() => query.next());
    return first.done === true ? first.value : this.inspection.runQuery(query);
  }

  /** One line is the answer; more are printed as a group, each with the line of the scenario that it is about. */
  private print(title: string, rows: readonly OutputLine[]): DebugProtocol.EvaluateResponse["body"] {
    if (rows.length === 1) return { result: rows[0]!.text, variablesReference: 0 };
    const print = (output: string, more: object): void => this.sendEvent("output", { category: "console", output: `${output}\n`, ...more });
    const { debuggee } = this.sources;
    const source = debuggee === null ? undefined : this.sources.scenarioSource(debuggee);
    print(title.trim(), { group: "start" });
    for (const { text, line } of rows) {
      const range = line === undefined ? undefined : this.sources.toClientRange({ line, column: 1, endLine: line, endColumn: 1 });
      print(text, range === undefined || source === undefined ? {} : { source, line: range.line });
    }
    this.sendEvent("output", { category: "console", output: "", group: "end" });
    return EMPTY_RESULT;
  }
}
