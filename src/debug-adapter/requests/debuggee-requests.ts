// The parts that answer the requests of one debug session, and its life: launch, restart, the end. In which order requests are
// handled, and how responses are sent, is up to server/debug-session.ts.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { Breakpoints } from "../breakpoints/breakpoints.ts";
import { LogPrinter } from "../breakpoints/log-messages.ts";
import { Execution, type LaunchedRun } from "../execution/execution.ts";
import { ProgressReporter } from "../execution/progress.ts";
import { loadDebuggee } from "../launch/debuggee.ts";
import { validateLaunchArguments } from "../launch/launch-arguments.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import type { CheckProgramArguments, CheckProgramResult, LaunchArguments } from "../protocol/protocol.ts";
import type { RequestResult, SendEvent } from "../protocol/request-result.ts";
import type { Host } from "../sources/host.ts";
import { Sources } from "../sources/sources.ts";
import { BranchRequests } from "./branch-requests.ts";
import { BreakpointRequests } from "./breakpoint-requests.ts";
import { EvaluateRequests } from "./evaluate-requests.ts";
import { ExecutionRequests } from "./execution-requests.ts";
import { ExecutionRunner } from "./execution-runner.ts";
import { Inspection, type StoppedRun } from "./inspection.ts";
import { NavigationRequests } from "./navigation-requests.ts";
import type { SessionServices } from "./session-services.ts";
import { SourceRequests } from "./source-requests.ts";
import { StopReporter } from "./stop-reporter.ts";
import { StopRequests } from "./stop-requests.ts";
import { OfferedTargets } from "./targets.ts";
import { VariableRequests } from "./variable-requests.ts";

/**
 * What the requests of one debug session do. `DebugSession` calls one method for each request, one request after another, each
 * when the method for the request before has resolved; only `close`, `rejectFileReads`, `cancelProgress` and `cancelQueries` may be
 * called at any time. A method
 * - gets the arguments as the client has sent them, and may rely on the types of the protocol only as far as it checks them;
 * - returns, or resolves to, the body of the response, and what is to be done after the response was sent (`afterResponse`): that
 *   is where the execution moves, so that `stopped` never overtakes a response. It may last for as long as the run, and the next
 *   requests are handled meanwhile: `execution.running` is true until then;
 * - throws an `AdapterError` if the request cannot be fulfilled. The session is as it was then. Any other error is an internal fault.
 *
 * Requests about the state of the run (`inspection`, `variables`, most of `stops`) throw unless the run is stopped; requests
 * that set breakpoints are allowed at any time, also before `launch`. After `close` all requests about the run throw.
 */
export class DebuggeeRequests {
  readonly breakpoints: BreakpointRequests;
  readonly execution: ExecutionRequests;
  readonly navigation: NavigationRequests;
  readonly branches: BranchRequests;
  readonly inspection: Inspection;
  readonly stops: StopRequests;
  readonly variables: VariableRequests;
  readonly evaluateRequests: EvaluateRequests;
  readonly sourceRequests: SourceRequests;
  private readonly stopReporter: StopReporter;
  private readonly sources: Sources;
  private readonly progress: ProgressReporter;
  private readonly logPrinter = new LogPrinter((text, where) => this.sendOutput("console", text, where));
  private launched: LaunchedRun | null = null;
  private configured = false;
  private started = false;
  private closed = false;
  /** The changed text that was last reported to the user. */
  private reportedText: string | null = null;

  constructor(
    private readonly host: Host,
    private readonly sendEvent: SendEvent,
    /** Does a request wait that moves the execution? Then queries about the current stop are cancelled. */
    executionRequestPending: () => boolean,
  ) {
    const launched = (): LaunchedRun | null => this.launched;
    const simulation = (): LaunchedRun["execution"]["simulation"] => this.requireLaunched().execution.simulation;
    const sources = new Sources(host);
    this.sources = sources;
    this.progress = new ProgressReporter(sendEvent);
    const inspection = new Inspection(sources, () => this.requireStopped(), simulation, this.progress, executionRequestPending);
    const resolveData: Inspection["resolveData"] = (id, isLaunched) => inspection.resolveData(id, isLaunched);
    const breakpoints = new Breakpoints(
      sources,
      simulation,
      resolveData,
      (message) => this.sendOutput("important", message),
      this.logPrinter,
    );
    const targets = new OfferedTargets(sources);
    const services = this.services();
    this.stopReporter = new StopReporter(services, sources, breakpoints, sendEvent);
    const runner = new ExecutionRunner(services, this.stopReporter, inspection, targets, sendEvent);
    this.inspection = inspection;
    this.breakpoints = new BreakpointRequests(breakpoints, sources, launched, () => this.checkProgram({}), sendEvent);
    this.branches = new BranchRequests(runner);
    this.execution = new ExecutionRequests(runner, this.branches, inspection, targets);
    this.navigation = new NavigationRequests(runner, this.execution, targets);
    this.stops = new StopRequests(inspection, this.stopReporter, sources, () => (this.closed ? null : this.launched));
    this.variables = new VariableRequests(inspection, this.branches, sendEvent);
    this.evaluateRequests = new EvaluateRequests(inspection, this.navigation, this.branches, sources, sendEvent);
    this.sourceRequests = new SourceRequests(sources, targets, inspection, launched);
  }

  private services(): SessionServices {
    const requireLaunched = (): LaunchedRun => this.requireLaunched();
    const isClosed = (): boolean => this.closed;
    return {
      get launched() {
        return requireLaunched();
      },
      get closed() {
        return isClosed();
      },
      startLate: () => this.startLate(),
      syncBreakpoints: () => this.breakpoints.sync(this.requireLaunched()),
      endSession: (exitCode) => this.endSession(exitCode),
      flushLogs: () => this.logPrinter.flush(),
      branchChanged: () => this.branchChanged(),
      sendOutput: (category, text, more) => this.sendOutput(category, text, more),
    };
  }

  /** Takes over what the client has said of itself: at `initialize`, or when this object was made after it. */
  initialize(args: Partial<DebugProtocol.InitializeRequestArguments>): void {
    const { linesStartAt1 = true, columnsStartAt1 = true, pathFormat } = args;
    this.sources.clientConventions = { linesStartAt1, columnsStartAt1, uris: pathFormat === "uri" };
    this.inspection.variables.types = args.supportsVariableType === true;
    this.inspection.variables.memory = args.supportsMemoryReferences === true;
    this.progress.enabled = args.supportsProgressReporting === true;
    this.variables.supportsInvalidated = args.supportsInvalidatedEvent === true;
  }

  async launch(args: unknown): Promise<RequestResult> {
    if (this.launched !== null) throw adapterErrors.alreadyLaunched();
    const changed = await this.load(validateLaunchArguments(args));
    return {
      afterResponse: () => {
        this.breakpoints.sendChanged(changed);
        return this.startWhenConfigured();
      },
    };
  }

  /** Starts over with the scenario as it is now; all breakpoints stay. If it is invalid, the session continues with the old run. */
  async restart({ arguments: args }: { readonly arguments?: unknown }): Promise<RequestResult> {
    const before = this.requireLaunched();
    const changed = await this.load(args === undefined ? before.debuggee.launch : validateLaunchArguments(args));
    before.execution.close();
    return {
      afterResponse: () => {
        this.sendEvent("continued", { threadId: 0, allThreadsContinued: true });
        this.breakpoints.sendChanged(changed);
        this.started = true;
        return this.execution.start();
      },
    };
  }

  /** Makes a run of a scenario. Returns the breakpoints that are bound differently in it. */
  private async load(launchArguments: LaunchArguments): Promise<DebugProtocol.Breakpoint[]> {
    const before = this.sources.launchArguments;
    this.sources.launchArguments = launchArguments;
    try {
      const debuggee = await loadDebuggee(launchArguments, (path) => this.sources.readFile(path));
      this.launched = { debuggee, execution: new Execution(debuggee, this.progress) };
      this.sources.debuggee = debuggee;
    } catch (error) {
      this.sources.launchArguments = before;
      throw error;
    }
    this.inspection.reset();
    this.stopReporter.reset();
    return this.breakpoints.prepareRebind();
  }

  /** Answers the request `lockbreak/checkProgram`. A message warns the user of a text that was changed, once for each such text. */
  async checkProgram({ text }: CheckProgramArguments): Promise<RequestResult<CheckProgramResult>> {
    const { debuggee } = this.requireLaunched();
    const { launch, program } = debuggee;
    const now =
      text ?? (launch.text === undefined ? await this.sources.readFile(launch.program).catch(() => debuggee.text) : debuggee.text);
    const changed = now !== debuggee.text;
    if (changed && this.reportedText !== now) {
      this.sendOutput(
        "important",
        `${program.uri} was changed: this session continues with the text that it was launched with. Restart it to run the new one.`,
      );
    }
    this.reportedText = now;
    return { body: { changed } };
  }

  /** Objects and histories of the branch before may not exist in this one. */
  private branchChanged(): Promise<void> {
    this.inspection.clearHistories();
    return this.breakpoints.rebind();
  }

  configurationDone(): RequestResult {
    this.configured = true;
    return { afterResponse: () => this.startWhenConfigured() };
  }

  /** Ends the run and the session. */
  terminate(): RequestResult {
    return { afterResponse: () => this.endSession(null) };
  }

  disconnect(): RequestResult {
    this.close();
    return { afterResponse: () => this.host.end() };
  }

  /** Cancels what runs, and file reads; nothing is sent any more. */
  close(): void {
    this.closed = true;
    this.launched?.execution.close();
    this.sources.close();
  }

  /** Requests that wait for a file fail at once. */
  rejectFileReads(): void {
    this.sources.close();
  }

  /** The client has cancelled an operation whose progress was reported. */
  cancelProgress(id: string): void {
    this.progress.cancel(id);
  }

  /** Queries about the past are answered with the error `cancelled`. */
  cancelQueries(): void {
    this.inspection.cancelQueries();
  }

  private endSession(exitCode: number | null): void {
    if (this.closed) return;
    this.close();
    if (exitCode !== null) this.sendEvent("exited", { exitCode });
    this.sendEvent("terminated");
  }

  private startLate(): boolean {
    if (this.started) return false;
    this.configured = true;
    void this.startWhenConfigured();
    return true;
  }

  /** Starts the run as soon as both the scenario and the breakpoints are known. */
  private async startWhenConfigured(): Promise<void> {
    if (this.launched === null || !this.configured || this.started || this.closed) return;
    this.started = true;
    await this.execution.start();
  }

  private sendOutput(category: "console" | "stderr" | "important", text: string, more: object = {}): void {
    if (!this.closed) this.sendEvent("output", { category, output: `${text}\n`, ...more });
  }

  private requireLaunched(): LaunchedRun {
    if (this.closed) throw adapterErrors.sessionEnded();
    if (this.launched === null) throw adapterErrors.notLaunched();
    return this.launched;
  }

  private requireStopped(): StoppedRun {
    const launched = this.requireLaunched();
    if (launched.execution.running) throw adapterErrors.notStopped();
    const { simulation } = launched.execution;
    // With several sessions in one process, the kernel's globals may be those of another session.
    simulation.machine.activate();
    return { ...launched, simulation };
  }
}
