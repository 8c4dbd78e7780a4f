// A client of the built adapter over stdio or a socket. It records every message and checks each against the protocol.

import { DebugClient } from "@vscode/debugadapter-testsupport";
import type { DebugProtocol } from "@vscode/debugprotocol";
import assert from "node:assert/strict";
import path from "node:path";
import { PATIENCE } from "../waiting.mjs";
import { checkMessage } from "./protocol-types.ts";

/** The built command line: `lockbreak debug-adapter`. */
export const CLI = path.resolve(process.env["LOCKBREAK_CLI"] ?? "dist/cli.mjs");

export type Stopped = DebugProtocol.StoppedEvent["body"] & { threadId: number };

/** The breakpoints that are set before the run begins. */
export interface Setup {
  readonly lines?: Readonly<Record<string, readonly (number | DebugProtocol.SourceBreakpoint)[]>>;
  readonly functions?: readonly (string | DebugProtocol.FunctionBreakpoint)[];
  readonly filters?: readonly string[];
  readonly filterOptions?: readonly DebugProtocol.ExceptionFilterOptions[];
}

/** Private members of the library's client. */
interface Inside {
  dispatch(body: string): void;
  doSend(command: string, args: unknown, callback: (response: DebugProtocol.Response) => void): void;
  outputStream: { end(): void };
  _adapterProcess?: { readonly exitCode: number | null; once(event: "exit", listener: (code: number | null) => void): void };
}

export class Client {
  readonly messages: DebugProtocol.ProtocolMessage[] = [];
  private readonly events: DebugProtocol.Event[] = [];
  private readonly waiting: { readonly name: string; readonly found: (event: DebugProtocol.Event) => void }[] = [];

  private constructor(
    readonly debug: DebugClient,
    private readonly check: boolean,
  ) {
    const inside = debug as unknown as Inside;
    const { dispatch, doSend } = inside;
    inside.dispatch = (body) => {
      const message = JSON.parse(body) as DebugProtocol.ProtocolMessage;
      this.record(message);
      if (message.type === "event") this.arrived(message as DebugProtocol.Event);
      dispatch.call(debug, body);
    };
    inside.doSend = (command, args, callback) => {
      this.record({ seq: 1, type: "request", command, ...(args === undefined ? {} : { arguments: args }) } as DebugProtocol.Request);
      doSend.call(debug, command, args, callback);
    };
  }

  /** @param check validate every message, which takes time */
  static async start({ check = true, port }: { check?: boolean; port?: number } = {}): Promise<Client> {
    const debug = new DebugClient(CLI, "debug-adapter", "lockbreak", undefined, true);
    debug.defaultTimeout = PATIENCE / 2;
    const client = new Client(debug, check);
    await debug.start(port);
    return client;
  }

  private record(message: DebugProtocol.ProtocolMessage): void {
    if (!this.check) return;
    // A copy: the message must not change after it was sent or received.
    this.messages.push(JSON.parse(JSON.stringify(message)) as DebugProtocol.ProtocolMessage);
    assert.deepEqual(checkMessage(message), [], JSON.stringify(message));
  }

  private arrived(event: DebugProtocol.Event): void {
    const at = this.waiting.findIndex(({ name }) => name === event.event);
    if (at < 0) this.events.push(event);
    else this.waiting.splice(at, 1)[0]!.found(event);
  }

  /** The next event of a kind that no call has returned yet. */
  event(name: string): Promise<DebugProtocol.Event> {
    const at = this.events.findIndex(({ event }) => event === name);
    if (at >= 0) return Promise.resolve(this.events.splice(at, 1)[0]!);
    return new Promise((found) => this.waiting.push({ name, found }));
  }

  /** Events of a kind that have arrived and that no call of `event` has returned. */
  left(name: string): DebugProtocol.Event[] {
    return this.events.filter(({ event }) => event === name);
  }

  async stopped(): Promise<Stopped> {
    return (await this.event("stopped")).body as Stopped;
  }

  /** Sends a request; the body of the answer. */
  async ask(command: string, args?: object): Promise<unknown> {
    return (await this.debug.send(command, args)).body as unknown;
  }

  /** The message of the error that a request is answered with. */
  async refused(command: string, args?: object): Promise<string> {
    try {
      await this.debug.send(command, args);
    } catch (error) {
      return (error as Error).message;
    }
    throw new assert.AssertionError({ message: `${command} was not refused` });
  }

  /** Sends a request that moves the execution; resolves at the stop. */
  async go(command: string, args: object = { threadId: 0 }): Promise<Stopped> {
    await this.ask(command, args);
    return this.stopped();
  }

  initialize(args: Partial<DebugProtocol.InitializeRequestArguments> = {}): Promise<unknown> {
    return this.ask("initialize", {
      adapterID: "lockbreak",
      linesStartAt1: true,
      columnsStartAt1: true,
      pathFormat: "path",
      supportsVariableType: true,
      supportsInvalidatedEvent: true,
      supportsMemoryReferences: true,
      ...args,
    });
  }

  /** The whole beginning, in the order in which editors send it. */
  async launch(args: object, { lines = {}, functions = [], filters = [], filterOptions = [] }: Setup = {}): Promise<void> {
    await this.initialize();
    await this.event("initialized");
    const launched = this.ask("launch", args);
    for (const [file, breakpoints] of Object.entries(lines)) {
      await this.ask("setBreakpoints", {
        source: { path: file },
        breakpoints: breakpoints.map((one) => (typeof one === "number" ? { line: one } : one)),
      });
    }
    await this.ask("setFunctionBreakpoints", { breakpoints: functions.map((one) => (typeof one === "string" ? { name: one } : one)) });
    await this.ask("setExceptionBreakpoints", { filters, ...(filterOptions.length === 0 ? {} : { filterOptions }) });
    await launched;
    await this.ask("configurationDone");
  }

  async stack(threadId: number): Promise<DebugProtocol.StackFrame[]> {
    return ((await this.ask("stackTrace", { threadId })) as DebugProtocol.StackTraceResponse["body"]).stackFrames;
  }

  /** The value of an expression in the innermost frame of a thread. */
  async watch(expression: string, threadId: number): Promise<string> {
    const [frame] = await this.stack(threadId);
    return ((await this.ask("evaluate", { expression, frameId: frame!.id, context: "watch" })) as DebugProtocol.EvaluateResponse["body"])
      .result;
  }

  /** The session was ended. */
  gone = false;

  /** Ends the session; resolves to the exit code of the adapter, null over a socket. */
  async close(): Promise<number | null> {
    this.gone = true;
    const ended = this.exited();
    await this.debug.send("disconnect", {});
    return ended;
  }

  /** The client closes the connection without `disconnect`. */
  hangUp(): void {
    this.gone = true;
    (this.debug as unknown as Inside).outputStream.end();
  }

  /** Resolves when the adapter's process has ended. */
  exited(): Promise<number | null> {
    const { _adapterProcess: child } = this.debug as unknown as Inside;
    if (child === undefined) return Promise.resolve(null);
    return child.exitCode === null ? new Promise((resolve) => child.once("exit", resolve)) : Promise.resolve(child.exitCode);
  }
}
