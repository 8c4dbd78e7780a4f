// A connection to a client, as the protocol sees it: requests are handled one after another, in the order in which they arrive,
// each response is sent before what follows from it, and every error becomes an error response. Requests that are not in the
// table are not supported. What each request does is up to requests/.

import { Event, Response } from "@vscode/debugadapter/lib/messages";
import { ProtocolServer } from "@vscode/debugadapter/lib/protocol";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { RequestResult } from "../protocol/request-result.ts";
import type { DebuggeeRequests } from "../requests/debuggee-requests.ts";
import { CAPABILITIES } from "./capabilities.ts";
import { AdapterError, adapterErrors } from "../protocol/adapter-errors.ts";
import type { Host } from "../sources/host.ts";
import type {
  CheckProgramArguments,
  EventListArguments,
  GotoArguments,
  ReverseStepArguments,
  SetHexArguments,
  SnapshotArguments,
  ThreadArguments,
} from "../protocol/protocol.ts";

/** The arguments are what the client has sent: each method assumes the type that the protocol gives them. */
type RequestHandler = (requests: DebuggeeRequests, args: never) => RequestResult | Promise<RequestResult>;

const REQUEST_HANDLERS: Readonly<Record<string, RequestHandler>> = {
  launch: (requests, args: unknown) => requests.launch(args),
  restart: (requests, args: DebugProtocol.RestartArguments) => requests.restart(args),
  configurationDone: (requests) => requests.configurationDone(),
  terminate: (requests) => requests.terminate(),
  disconnect: (requests) => requests.disconnect(),
  setBreakpoints: ({ breakpoints }, args: DebugProtocol.SetBreakpointsArguments) => breakpoints.setBreakpoints(args),
  setFunctionBreakpoints: ({ breakpoints }, args: DebugProtocol.SetFunctionBreakpointsArguments) =>
    breakpoints.setFunctionBreakpoints(args),
  setExceptionBreakpoints: ({ breakpoints }, args: DebugProtocol.SetExceptionBreakpointsArguments) =>
    breakpoints.setExceptionBreakpoints(args),
  setDataBreakpoints: ({ breakpoints }, args: DebugProtocol.SetDataBreakpointsArguments) => breakpoints.setDataBreakpoints(args),
  breakpointLocations: ({ breakpoints }, args: DebugProtocol.BreakpointLocationsArguments) => breakpoints.breakpointLocations(args),
  dataBreakpointInfo: ({ inspection }, args: DebugProtocol.DataBreakpointInfoArguments) => ({ body: inspection.dataBreakpointInfo(args) }),
  continue: ({ execution }, args: DebugProtocol.ContinueArguments) => execution.continueRun(args),
  next: ({ execution }, args: DebugProtocol.NextArguments) => execution.step("over", args),
  stepIn: ({ execution }, args: DebugProtocol.StepInArguments) => execution.stepIn(args),
  stepOut: ({ execution }, args: DebugProtocol.StepOutArguments) => execution.step("out", args),
  stepBack: ({ execution }, args: DebugProtocol.StepBackArguments) => execution.stepBack(args),
  reverseContinue: ({ execution }) => execution.reverseContinue(),
  restartFrame: ({ execution }, args: DebugProtocol.RestartFrameArguments) => execution.restartFrame(args),
  pause: ({ execution }) => execution.pause(),
  goto: ({ navigation }, args: DebugProtocol.GotoArguments) => navigation.gotoTarget(args),
  gotoTargets: ({ sourceRequests }, args: DebugProtocol.GotoTargetsArguments) => sourceRequests.gotoTargets(args),
  stepInTargets: ({ sourceRequests }, args: DebugProtocol.StepInTargetsArguments) => sourceRequests.stepInTargets(args),
  threads: ({ stops }) => stops.threads(),
  exceptionInfo: ({ stops }, args: DebugProtocol.ExceptionInfoArguments) => stops.exceptionInfo(args),
  stackTrace: ({ inspection }, args: DebugProtocol.StackTraceArguments) => ({ body: inspection.stackTrace(args) }),
  scopes: ({ inspection }, args: DebugProtocol.ScopesArguments) => ({ body: inspection.scopes(args) }),
  variables: ({ inspection }, args: DebugProtocol.VariablesArguments) => ({ body: inspection.listVariables(args) }),
  setVariable: ({ variables }, args: DebugProtocol.SetVariableArguments) => variables.setVariable(args),
  setExpression: ({ variables }, args: DebugProtocol.SetExpressionArguments) => variables.setExpression(args),
  evaluate: ({ evaluateRequests }, args: DebugProtocol.EvaluateArguments) => evaluateRequests.evaluate(args),
  completions: ({ evaluateRequests }, args: DebugProtocol.CompletionsArguments) => ({ body: evaluateRequests.completions(args) }),
  readMemory: ({ inspection }, args: DebugProtocol.ReadMemoryArguments) => ({ body: inspection.readMemory(args) }),
  source: ({ sourceRequests }, args: DebugProtocol.SourceArguments) => sourceRequests.source(args),
  modules: ({ sourceRequests }, args: DebugProtocol.ModulesArguments) => sourceRequests.modules(args),
  loadedSources: ({ sourceRequests }) => sourceRequests.loadedSources(),
  "lockbreak/snapshot": ({ stops }, args: SnapshotArguments) => stops.snapshot(args),
  "lockbreak/events": async ({ inspection }, args: EventListArguments) => ({ body: await inspection.listEvents(args) }),
  "lockbreak/reverse": ({ execution }, args: ReverseStepArguments) => execution.reverseStep(args),
  "lockbreak/goto": ({ navigation }, args: GotoArguments) => navigation.goto(args),
  "lockbreak/runNext": ({ branches }, args: ThreadArguments) => branches.runNext(args),
  "lockbreak/continueOnly": ({ execution }, args: ThreadArguments) => execution.runOnly(args, null),
  "lockbreak/nextOnly": ({ execution }, args: ThreadArguments) => execution.runOnly(args, "over"),
  "lockbreak/leaveBranch": ({ branches }) => branches.leaveBranch(),
  "lockbreak/checkProgram": (requests, args: CheckProgramArguments) => requests.checkProgram(args),
  "lockbreak/setHex": ({ variables }, args: SetHexArguments) => variables.setHex(args),
};

/** Requests that end the session: they do not wait until files are read. */
const ENDING_REQUESTS: ReadonlySet<string> = new Set(["disconnect", "terminate"]);
/** Requests whose errors the client shows where the input was made, in the console or by a command: no dialog repeats them. */
const SHOWN_BY_CLIENT = /^(?:evaluate$|lockbreak\/)/;
/** Requests that move the execution: queries about the current stop that are not answered yet are cancelled. */
const EXECUTION_REQUESTS: ReadonlySet<string> = new Set([
  ...ENDING_REQUESTS,
  ...["continue", "next", "stepIn", "stepOut", "stepBack", "reverseContinue", "restart", "restartFrame", "goto"],
  ...["lockbreak/reverse", "lockbreak/goto", "lockbreak/runNext", "lockbreak/continueOnly", "lockbreak/nextOnly", "lockbreak/leaveBranch"],
]);

export class DebugSession extends ProtocolServer {
  /** Loaded after the response to `initialize`: the engine and the language are most of the program. */
  private loadingRequests: Promise<DebuggeeRequests> | null = null;
  private requests: DebuggeeRequests | null = null;
  /** The arguments of `initialize`. */
  private client: Partial<DebugProtocol.InitializeRequestArguments> | null = null;
  private queue: Promise<void> = Promise.resolve();
  /** Sequence numbers of requests without a response. */
  private readonly pending = new Set<number>();
  private readonly cancelled = new Set<number>();
  /** How many requests that move the execution wait in the queue. */
  private pendingExecutionRequests = 0;
  /** The sequence number of the request that is being handled. */
  private currentRequest = 0;
  private ended = false;

  constructor(private readonly host: Host) {
    super();
  }

  private loadRequests(): Promise<DebuggeeRequests> {
    this.loadingRequests ??= import("../requests/debuggee-requests.ts").then(({ DebuggeeRequests }) => {
      const end = (): void => {
        this.ended = true;
        this.host.end();
      };
      const sendEvent = (event: string, body?: object): void => this.emitEvent(event, body);
      this.requests = new DebuggeeRequests({ ...this.host, end }, sendEvent, () => this.pendingExecutionRequests > 0);
      this.requests.initialize(this.client ?? {});
      if (this.ended) this.requests.close();
      return this.requests;
    });
    return this.loadingRequests;
  }

  /** The client has disconnected: everything ends. */
  close(): void {
    this.ended = true;
    this.requests?.close();
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    if (this.ended) return;
    this.pending.add(request.seq);
    if (ENDING_REQUESTS.has(request.command)) this.requests?.rejectFileReads();
    if (EXECUTION_REQUESTS.has(request.command)) this.pendingExecutionRequests += 1;
    if (request.command === "cancel") void this.handle(request);
    else this.queue = this.queue.then(() => this.handle(request));
  }

  private async handle(request: DebugProtocol.Request): Promise<void> {
    if (this.ended) return;
    const response: DebugProtocol.Response = new Response(request);
    let afterResponse: RequestResult["afterResponse"];
    if (request.command !== "cancel") this.currentRequest = request.seq;
    if (EXECUTION_REQUESTS.has(request.command)) this.pendingExecutionRequests -= 1;
    try {
      if (this.cancelled.delete(request.seq) && !ENDING_REQUESTS.has(request.command)) throw adapterErrors.cancelled();
      const result = await this.dispatch(request);
      if (result.body !== undefined) response.body = result.body;
      afterResponse = result.afterResponse;
    } catch (error) {
      this.fillErrorResponse(response, error);
    }
    this.pending.delete(request.seq);
    // A `cancel` that arrived meanwhile came too late.
    this.cancelled.delete(request.seq);
    if (this.ended) return;
    this.sendResponse(response);
    // It may last for as long as the run: the next request does not wait for it.
    if (afterResponse !== undefined) void this.runAfterResponse(afterResponse);
  }

  private async dispatch(request: DebugProtocol.Request): Promise<RequestResult> {
    const { command } = request;
    if (command === "initialize") return this.initialize((request.arguments ?? {}) as DebugProtocol.InitializeRequestArguments);
    if (command === "cancel") return this.cancel(request.arguments as DebugProtocol.CancelArguments | undefined);
    const requestHandler = Object.hasOwn(REQUEST_HANDLERS, command) ? REQUEST_HANDLERS[command] : undefined;
    if (requestHandler === undefined) throw adapterErrors.unsupportedRequest(command);
    return requestHandler(this.requests ?? (await this.loadRequests()), (request.arguments ?? {}) as never);
  }

  private initialize(args: DebugProtocol.InitializeRequestArguments): RequestResult {
    if (this.client !== null) throw adapterErrors.alreadyInitialized();
    this.client = args;
    this.requests?.initialize(args);
    return {
      body: CAPABILITIES,
      afterResponse: async () => {
        this.emitEvent("initialized");
        await this.loadRequests();
      },
    };
  }

  private cancel(args: DebugProtocol.CancelArguments | undefined): RequestResult {
    if (args?.progressId !== undefined) this.requests?.cancelProgress(args.progressId);
    if (args?.requestId !== undefined && this.pending.has(args.requestId)) {
      this.cancelled.add(args.requestId);
      if (this.currentRequest === args.requestId) this.requests?.cancelQueries();
    }
    return {};
  }

  private fillErrorResponse(response: DebugProtocol.Response, error: unknown): void {
    const known = error instanceof AdapterError ? error : adapterErrors.internal(error instanceof Error ? error.message : String(error));
    if (known !== error && error instanceof Error)
      this.emitEvent("output", { category: "stderr", output: `${error.stack ?? error.message}\n` });
    response.success = false;
    response.message = known.message;
    response.body = known.toErrorBody(known.showUser && !SHOWN_BY_CLIENT.test(response.command));
  }

  private async runAfterResponse(afterResponse: NonNullable<RequestResult["afterResponse"]>): Promise<void> {
    try {
      await afterResponse();
    } catch (error) {
      const { message } = adapterErrors.internal(error instanceof Error ? (error.stack ?? error.message) : String(error));
      this.emitEvent("output", { category: "stderr", output: `${message}\n` });
      this.emitEvent("terminated");
      this.requests?.close();
    }
  }

  private emitEvent(event: string, body?: object): void {
    if (!this.ended) this.sendEvent(new Event(event, body));
  }
}
