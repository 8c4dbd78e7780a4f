// A debug session as a test drives it: through the commands of keys and buttons, and the messages of the protocol.

import * as vscode from "vscode";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { ExecutionPosition } from "../../../src/debug-adapter/protocol/protocol.ts";
import { RunningSessions } from "../../../src/extension/debug/sessions.ts";
import { until } from "../../waiting.mjs";
import { ok } from "./assert.ts";

type Stop = DebugProtocol.StoppedEvent["body"];
export type Frame = DebugProtocol.StackFrame;

/** The id of a debug command of the editor. */
type Motion = "stepOver" | "stepInto" | "stepOut" | "stepBack" | "reverseContinue" | "continue" | "pause" | "restart";

/**
 * The sessions that there are. Not by `activeDebugSession`, as extension hosts mix up the order of what they hear of it: when two sessions
 * end at once, it may stay at one of them.
 */
const running = new RunningSessions();

export function noSessions(): boolean {
  return [...running.all].length === 0;
}

export class Session {
  readonly stops: Stop[] = [];
  readonly output: string[] = [];
  /** The edits of the branch at the last position. */
  branch: readonly string[] = [];
  ended = false;

  private constructor(readonly session: vscode.DebugSession) {}

  /** Runs `start`, and follows the session that it starts. */
  static async begin(start: () => Thenable<unknown>): Promise<Session> {
    let begun: Session | undefined;
    const tracking = vscode.debug.registerDebugAdapterTrackerFactory("lockbreak", {
      createDebugAdapterTracker(session) {
        const started = new Session(session);
        begun ??= started;
        return { onDidSendMessage: (message) => started.hear(message as DebugProtocol.Event) };
      },
    });
    try {
      await start();
      return await until("a session", () => begun);
    } finally {
      tracking.dispose();
    }
  }

  /** F5 with the editor as it is. */
  static f5(): Promise<Session> {
    return Session.begin(() => vscode.commands.executeCommand("workbench.action.debug.start"));
  }

  /** With a launch configuration. */
  static launch(program: vscode.Uri, more: object = {}): Promise<Session> {
    const folder = vscode.workspace.workspaceFolders?.[0];
    return Session.begin(() =>
      vscode.debug.startDebugging(folder, { type: "lockbreak", request: "launch", name: "test", program: program.toString(), ...more }),
    );
  }

  private hear(message: DebugProtocol.Event): void {
    if (message.event === "stopped") this.stops.push(message.body as Stop);
    if (message.event === "lockbreak/moved") this.branch = (message.body as ExecutionPosition).branch;
    if (message.event === "output") this.output.push((message.body as { output: string }).output);
    if (message.event === "terminated") this.ended = true;
  }

  /** The `n`th stop (from 1), when the editor has shown it, too: commands act on what it shows. */
  async stop(n: number): Promise<Stop> {
    const stop = await until(`stop ${n}`, () => this.stops[n - 1]);
    await until("the editor to show the stop", () => {
      const item = vscode.debug.activeStackItem;
      return item instanceof vscode.DebugStackFrame && item.session.id === this.session.id;
    });
    return stop;
  }

  /** Runs a command of the editor, and waits for where it leads. */
  async move(motion: Motion | `lockbreak.${string}`): Promise<Stop> {
    const before = this.stops.length;
    const top = vscode.debug.activeStackItem;
    await vscode.commands.executeCommand(motion.includes(".") ? motion : `workbench.action.debug.${motion}`);
    const stop = await this.stop(before + 1);
    await until("the new stack", () => vscode.debug.activeStackItem !== top);
    return stop;
  }

  request<T>(command: string, args: object = {}): Promise<T> {
    return Promise.resolve(this.session.customRequest(command, args) as Thenable<T>);
  }

  async stack(threadId = this.stops.at(-1)!.threadId!): Promise<Frame[]> {
    return (await this.request<DebugProtocol.StackTraceResponse["body"]>("stackTrace", { threadId })).stackFrames;
  }

  /** `unmap_mapping_range:215`: the top frame. */
  async where(): Promise<string> {
    const [top] = await this.stack();
    ok(top, "the stack is empty");
    return `${top.name}:${top.line}`;
  }

  async evaluate(expression: string, context = "watch"): Promise<string> {
    const [top] = await this.stack();
    return (await this.request<DebugProtocol.EvaluateResponse["body"]>("evaluate", { expression, frameId: top!.id, context })).result;
  }

  /** Name → value of a scope of the top frame. */
  async variables(scope: string): Promise<Record<string, string>> {
    const [top] = await this.stack();
    const { scopes } = await this.request<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId: top!.id });
    const found = scopes.find(({ name }) => name === scope);
    ok(found, `no scope ${scope} among ${scopes.map(({ name }) => name).join(", ")}`);
    const { variables } = await this.request<DebugProtocol.VariablesResponse["body"]>("variables", {
      variablesReference: found.variablesReference,
    });
    return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
  }

  async finish(): Promise<void> {
    await vscode.debug.stopDebugging(this.session);
    await until("the session to end", () => ![...running.all].includes(this.session));
  }
}

/** Ends all sessions and takes all breakpoints away. */
export async function cleanUp(): Promise<void> {
  // A session that has hardly begun ignores the first request.
  await until("all sessions to end", async () => {
    await vscode.debug.stopDebugging();
    return noSessions();
  });
  vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
  // One by one, as closing all would ask what to do with untitled ones.
  while (vscode.window.tabGroups.activeTabGroup.activeTab !== undefined)
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
}
