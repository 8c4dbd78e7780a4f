// The protocol side of a session: requests are handled one after another, in the order in which they arrive, each answer
// leaves before what follows from it, and whatever goes wrong becomes an error response. A request that is not in the table
// is one that was not declared: it gets an error, too.

import { Event, Response } from "@vscode/debugadapter/lib/messages";
import { ProtocolServer } from "@vscode/debugadapter/lib/protocol";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { Adapter, type Answer } from "./adapter.ts";
import { AdapterError, errors } from "./errors.ts";
import type { Host } from "./host.ts";

/** The arguments are what a client has sent: each method believes the protocol's type of them. */
type Handler = (adapter: Adapter, args: never) => Answer | Promise<Answer>;

const HANDLERS: Readonly<Record<string, Handler>> = {
  initialize: (adapter, args: DebugProtocol.InitializeRequestArguments) => adapter.initialize(args),
  launch: (adapter, args: unknown) => adapter.launch(args),
  configurationDone: (adapter) => adapter.configuration_done(),
  terminate: (adapter) => adapter.terminate(),
  disconnect: (adapter) => adapter.disconnect(),
  setBreakpoints: (adapter, args: DebugProtocol.SetBreakpointsArguments) => adapter.set_breakpoints(args),
  setFunctionBreakpoints: (adapter, args: DebugProtocol.SetFunctionBreakpointsArguments) => adapter.set_function_breakpoints(args),
  setExceptionBreakpoints: (adapter, args: DebugProtocol.SetExceptionBreakpointsArguments) => adapter.set_exception_breakpoints(args),
  breakpointLocations: (adapter, args: DebugProtocol.BreakpointLocationsArguments) => adapter.breakpoint_locations(args),
  continue: (adapter) => adapter.resume(),
  next: (adapter, args: DebugProtocol.NextArguments) => adapter.step("over", args),
  stepIn: (adapter, args: DebugProtocol.StepInArguments) => adapter.step("into", args),
  stepOut: (adapter, args: DebugProtocol.StepOutArguments) => adapter.step("out", args),
  stepBack: (adapter, args: DebugProtocol.StepBackArguments) => adapter.step_back(args),
  reverseContinue: (adapter) => adapter.reverse_continue(),
  pause: (adapter) => adapter.pause(),
  threads: (adapter) => adapter.threads(),
  stackTrace: (adapter, args: DebugProtocol.StackTraceArguments) => adapter.stack_trace(args),
  scopes: (adapter, args: DebugProtocol.ScopesArguments) => adapter.scopes(args),
  variables: (adapter, args: DebugProtocol.VariablesArguments) => adapter.list_variables(args),
  evaluate: (adapter, args: DebugProtocol.EvaluateArguments) => adapter.evaluate(args),
  exceptionInfo: (adapter, args: DebugProtocol.ExceptionInfoArguments) => adapter.exception_info(args),
  source: (adapter, args: DebugProtocol.SourceArguments) => adapter.source(args),
  loadedSources: (adapter) => adapter.loaded_sources(),
  "lockbreak/snapshot": (adapter, args: Parameters<Adapter["snapshot"]>[0]) => adapter.snapshot(args),
  "lockbreak/reverse": (adapter, args: Parameters<Adapter["reverse"]>[0]) => adapter.reverse(args),
  "lockbreak/setHex": (adapter, args: Parameters<Adapter["set_hex"]>[0]) => adapter.set_hex(args),
};

/** Requests that are not to wait for a file that may never come. */
const FINAL: ReadonlySet<string> = new Set(["disconnect", "terminate"]);

export class Session extends ProtocolServer {
  private readonly adapter: Adapter;
  private queue: Promise<void> = Promise.resolve();
  /** Requests that are not answered yet. */
  private readonly pending = new Set<number>();
  private readonly cancelled = new Set<number>();
  private ended = false;

  constructor(host: Host) {
    super();
    const end = (): void => {
      this.ended = true;
      host.end();
    };
    this.adapter = new Adapter({ ...host, readFile: (path) => host.readFile(path), end }, (event, body) => this.emit_event(event, body));
  }

  /** The client is gone: everything ends. */
  close(): void {
    this.ended = true;
    this.adapter.close();
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    if (this.ended) return;
    this.pending.add(request.seq);
    if (FINAL.has(request.command)) this.adapter.stop_waiting();
    if (request.command === "cancel") void this.handle(request);
    else this.queue = this.queue.then(() => this.handle(request));
  }

  private async handle(request: DebugProtocol.Request): Promise<void> {
    const response: DebugProtocol.Response = new Response(request);
    let after: Answer["after"];
    try {
      const answer = request.command === "cancel" ? this.cancel(request.arguments) : await this.answer(request);
      if (this.cancelled.delete(request.seq)) throw errors.cancelled();
      if (answer.body !== undefined) response.body = answer.body;
      after = answer.after;
    } catch (error) {
      this.refuse(response, error);
    }
    this.pending.delete(request.seq);
    if (this.ended) return;
    this.sendResponse(response);
    // What follows may take as long as the run: the next request does not wait for it.
    if (after !== undefined) void this.follow(after);
  }

  private answer(request: DebugProtocol.Request): Answer | Promise<Answer> {
    const handler = Object.hasOwn(HANDLERS, request.command) ? HANDLERS[request.command] : undefined;
    if (handler === undefined) throw errors.not_supported(request.command);
    return handler(this.adapter, (request.arguments ?? {}) as never);
  }

  private cancel(args: DebugProtocol.CancelArguments | undefined): Answer {
    if (args?.requestId !== undefined && this.pending.has(args.requestId)) this.cancelled.add(args.requestId);
    return {};
  }

  private refuse(response: DebugProtocol.Response, error: unknown): void {
    const known = error instanceof AdapterError ? error : errors.internal(error instanceof Error ? error.message : String(error));
    if (known !== error && error instanceof Error) this.emit_event("output", { category: "stderr", output: `${error.stack ?? error.message}\n` });
    response.success = false;
    response.message = known.message;
    response.body = known.body;
  }

  private async follow(after: NonNullable<Answer["after"]>): Promise<void> {
    try {
      await after();
    } catch (error) {
      const { message } = errors.internal(error instanceof Error ? (error.stack ?? error.message) : String(error));
      this.emit_event("output", { category: "stderr", output: `${message}\n` });
      this.emit_event("terminated");
      this.adapter.close();
    }
  }

  private emit_event(event: string, body?: object): void {
    if (!this.ended) this.sendEvent(new Event(event, body));
  }
}
