// The protocol side of a session: requests are handled one after another, in the order in which they arrive, each answer
// leaves before what follows from it, and whatever goes wrong becomes an error response. A request that is not in the table
// is one that was not declared: it gets an error, too.

import { Event, Response } from "@vscode/debugadapter/lib/messages";
import { ProtocolServer } from "@vscode/debugadapter/lib/protocol";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Answer } from "../protocol/answer.ts";
import type { Adapter } from "../session/adapter.ts";
import { CAPABILITIES } from "./capabilities.ts";
import { AdapterError, errors } from "../protocol/errors.ts";
import type { Host } from "../sources/host.ts";
import type { CheckProgramArguments, EventsArguments, GotoArguments, ReverseArguments, ThreadArguments } from "../protocol/protocol.ts";

/** The arguments are what a client has sent: each method believes the protocol's type of them. */
type Handler = (adapter: Adapter, args: never) => Answer | Promise<Answer>;

const HANDLERS: Readonly<Record<string, Handler>> = {
  launch: (adapter, args: unknown) => adapter.launch(args),
  restart: (adapter, args: DebugProtocol.RestartArguments) => adapter.restart(args),
  configurationDone: (adapter) => adapter.configurationDone(),
  terminate: (adapter) => adapter.terminate(),
  disconnect: (adapter) => adapter.disconnect(),
  setBreakpoints: (adapter, args: DebugProtocol.SetBreakpointsArguments) => adapter.setBreakpoints(args),
  setFunctionBreakpoints: (adapter, args: DebugProtocol.SetFunctionBreakpointsArguments) => adapter.setFunctionBreakpoints(args),
  setExceptionBreakpoints: (adapter, args: DebugProtocol.SetExceptionBreakpointsArguments) => adapter.setExceptionBreakpoints(args),
  dataBreakpointInfo: ({ inspection }, args: DebugProtocol.DataBreakpointInfoArguments) => ({ body: inspection.dataBreakpointInfo(args) }),
  setDataBreakpoints: (adapter, args: DebugProtocol.SetDataBreakpointsArguments) => adapter.setDataBreakpoints(args),
  breakpointLocations: (adapter, args: DebugProtocol.BreakpointLocationsArguments) => adapter.breakpointLocations(args),
  continue: ({ motions }, args: DebugProtocol.ContinueArguments) => motions.resume(args),
  next: ({ motions }, args: DebugProtocol.NextArguments) => motions.step("over", args),
  stepIn: ({ motions }, args: DebugProtocol.StepInArguments) => motions.stepIn(args),
  stepInTargets: (adapter, args: DebugProtocol.StepInTargetsArguments) => adapter.stepInTargets(args),
  stepOut: ({ motions }, args: DebugProtocol.StepOutArguments) => motions.step("out", args),
  stepBack: ({ motions }, args: DebugProtocol.StepBackArguments) => motions.stepBack(args),
  reverseContinue: ({ motions }) => motions.reverseContinue(),
  restartFrame: ({ motions }, args: DebugProtocol.RestartFrameArguments) => motions.restartFrame(args),
  gotoTargets: (adapter, args: DebugProtocol.GotoTargetsArguments) => adapter.gotoTargets(args),
  goto: ({ motions }, args: DebugProtocol.GotoArguments) => motions.gotoTarget(args),
  pause: ({ motions }) => motions.pause(),
  threads: (adapter) => adapter.threads(),
  stackTrace: ({ inspection }, args: DebugProtocol.StackTraceArguments) => ({ body: inspection.stackTrace(args) }),
  scopes: ({ inspection }, args: DebugProtocol.ScopesArguments) => ({ body: inspection.scopes(args) }),
  variables: ({ inspection }, args: DebugProtocol.VariablesArguments) => ({ body: inspection.list(args) }),
  evaluate: ({ repl }, args: DebugProtocol.EvaluateArguments) => repl.evaluate(args),
  completions: ({ repl }, args: DebugProtocol.CompletionsArguments) => ({ body: repl.completions(args) }),
  readMemory: ({ inspection }, args: DebugProtocol.ReadMemoryArguments) => ({ body: inspection.readMemory(args) }),
  setVariable: (adapter, args: DebugProtocol.SetVariableArguments) => adapter.setVariable(args),
  setExpression: (adapter, args: DebugProtocol.SetExpressionArguments) => adapter.setExpression(args),
  exceptionInfo: (adapter, args: DebugProtocol.ExceptionInfoArguments) => adapter.exceptionInfo(args),
  source: (adapter, args: DebugProtocol.SourceArguments) => adapter.source(args),
  modules: (adapter, args: DebugProtocol.ModulesArguments) => adapter.modules(args),
  loadedSources: (adapter) => adapter.loadedSources(),
  "lockbreak/snapshot": (adapter, args: Parameters<Adapter["snapshot"]>[0]) => adapter.snapshot(args),
  "lockbreak/events": async ({ inspection }, args: EventsArguments) => ({ body: await inspection.events(args) }),
  "lockbreak/reverse": ({ motions }, args: ReverseArguments) => motions.reverse(args),
  "lockbreak/goto": ({ motions }, args: GotoArguments) => motions.goTo(args),
  "lockbreak/runNext": ({ motions }, args: ThreadArguments) => motions.runNext(args),
  "lockbreak/continueOnly": ({ motions }, args: ThreadArguments) => motions.only(args, null),
  "lockbreak/nextOnly": ({ motions }, args: ThreadArguments) => motions.only(args, "over"),
  "lockbreak/leaveBranch": ({ motions }) => motions.leaveBranch(),
  "lockbreak/checkProgram": (adapter, args: CheckProgramArguments) => adapter.checkProgram(args),
  "lockbreak/setHex": (adapter, args: Parameters<Adapter["setHex"]>[0]) => adapter.setHex(args),
};

/** Requests that are not to wait for a file that may never come. */
const FINAL: ReadonlySet<string> = new Set(["disconnect", "terminate"]);
/** Who asks by these tells a person what went wrong where he has asked: the console, or the extension's commands. A dialog would say it again. */
const TOLD_BY_ASKER = /^(?:evaluate$|lockbreak\/)/;
/** Requests that make the execution move: whoever still waits to hear of where it stands waits in vain. */
const MOVING: ReadonlySet<string> = new Set([...FINAL, "continue", "next", "stepIn", "stepOut", "stepBack", "reverseContinue", "restart", "restartFrame", "goto", "lockbreak/reverse", "lockbreak/goto", "lockbreak/runNext", "lockbreak/continueOnly", "lockbreak/nextOnly", "lockbreak/leaveBranch"]);

export class Session extends ProtocolServer {
  /** Loaded after the answer to `initialize`: the engine and the language are most of the program. */
  private loading: Promise<Adapter> | null = null;
  private adapter: Adapter | null = null;
  /** What the client has said of itself. */
  private client: Partial<DebugProtocol.InitializeRequestArguments> | null = null;
  private queue: Promise<void> = Promise.resolve();
  /** Requests that are not answered yet. */
  private readonly pending = new Set<number>();
  private readonly cancelled = new Set<number>();
  /** Requests that wait to make the execution move. */
  private moves = 0;
  /** The request that is being answered. */
  private handling = 0;
  private ended = false;

  constructor(private readonly host: Host) {
    super();
  }

  private load(): Promise<Adapter> {
    this.loading ??= import("../session/adapter.ts").then(({ Adapter }) => {
      const end = (): void => {
        this.ended = true;
        this.host.end();
      };
      this.adapter = new Adapter({ ...this.host, end }, (event, body) => this.emitEvent(event, body), () => this.moves > 0);
      this.adapter.initialize(this.client ?? {});
      if (this.ended) this.adapter.close();
      return this.adapter;
    });
    return this.loading;
  }

  /** The client is gone: everything ends. */
  close(): void {
    this.ended = true;
    this.adapter?.close();
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    if (this.ended) return;
    this.pending.add(request.seq);
    if (FINAL.has(request.command)) this.adapter?.stopWaiting();
    if (MOVING.has(request.command)) this.moves += 1;
    if (request.command === "cancel") void this.handle(request);
    else this.queue = this.queue.then(() => this.handle(request));
  }

  private async handle(request: DebugProtocol.Request): Promise<void> {
    if (this.ended) return;
    const response: DebugProtocol.Response = new Response(request);
    let after: Answer["after"];
    if (request.command !== "cancel") this.handling = request.seq;
    if (MOVING.has(request.command)) this.moves -= 1;
    try {
      if (this.cancelled.delete(request.seq) && !FINAL.has(request.command)) throw errors.cancelled();
      const answer = await this.answer(request);
      if (answer.body !== undefined) response.body = answer.body;
      after = answer.after;
    } catch (error) {
      this.refuse(response, error);
    }
    this.pending.delete(request.seq);
    // What is done already, is done.
    this.cancelled.delete(request.seq);
    if (this.ended) return;
    this.sendResponse(response);
    // What follows may take as long as the run: the next request does not wait for it.
    if (after !== undefined) void this.follow(after);
  }

  private async answer(request: DebugProtocol.Request): Promise<Answer> {
    const { command } = request;
    if (command === "initialize") return this.initialize((request.arguments ?? {}) as DebugProtocol.InitializeRequestArguments);
    if (command === "cancel") return this.cancel(request.arguments as DebugProtocol.CancelArguments | undefined);
    const handler = Object.hasOwn(HANDLERS, command) ? HANDLERS[command] : undefined;
    if (handler === undefined) throw errors.not_supported(command);
    return handler(this.adapter ?? (await this.load()), (request.arguments ?? {}) as never);
  }

  private initialize(args: DebugProtocol.InitializeRequestArguments): Answer {
    if (this.client !== null) throw errors.initialized_already();
    this.client = args;
    this.adapter?.initialize(args);
    return {
      body: CAPABILITIES,
      after: async () => {
        this.emitEvent("initialized");
        await this.load();
      },
    };
  }

  private cancel(args: DebugProtocol.CancelArguments | undefined): Answer {
    if (args?.progressId !== undefined) this.adapter?.cancelProgress(args.progressId);
    if (args?.requestId !== undefined && this.pending.has(args.requestId)) {
      this.cancelled.add(args.requestId);
      if (this.handling === args.requestId) this.adapter?.dropQuestions();
    }
    return {};
  }

  private refuse(response: DebugProtocol.Response, error: unknown): void {
    const known = error instanceof AdapterError ? error : errors.internal(error instanceof Error ? error.message : String(error));
    if (known !== error && error instanceof Error) this.emitEvent("output", { category: "stderr", output: `${error.stack ?? error.message}\n` });
    response.success = false;
    response.message = known.message;
    response.body = known.body(known.show && !TOLD_BY_ASKER.test(response.command));
  }

  private async follow(after: NonNullable<Answer["after"]>): Promise<void> {
    try {
      await after();
    } catch (error) {
      const { message } = errors.internal(error instanceof Error ? (error.stack ?? error.message) : String(error));
      this.emitEvent("output", { category: "stderr", output: `${message}\n` });
      this.emitEvent("terminated");
      this.adapter?.close();
    }
  }

  private emitEvent(event: string, body?: object): void {
    if (!this.ended) this.sendEvent(new Event(event, body));
  }
}
