// What moves the execution, forwards and backwards, and what the client is told of where it stands then.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { hasComeTo, type Travel } from "../../console/travel.ts";
import { format_time } from "../../console/format.ts";
import { ANY_EVENT } from "../../engine/replay/hits.ts";
import type { Stop } from "../../engine/replay/recording.ts";
import { step_to_sites } from "../../engine/replay/stepping.ts";
import type { Answer, Emit } from "../protocol/answer.ts";
import { describeDecision } from "../execution/branch.ts";
import type { Breakpoints } from "../breakpoints/breakpoints.ts";
import { errors } from "../protocol/errors.ts";
import type { Execution, RunEnd, Running, StepKind } from "../execution/execution.ts";
import type { Inspection } from "./inspection.ts";
import { placeOf } from "../launch/launch-arguments.ts";
import type { GotoArguments, Position, ReverseArguments, ThreadArguments } from "../protocol/protocol.ts";
import { checkOutputs, summary } from "./report.ts";
import type { Sources } from "../sources/sources.ts";
import type { StackFrame } from "../values/stack.ts";
import { describeStop, positionOf, stoppedBody, threadOf, type Ended, type Motion, type ShownStop } from "../execution/stops.ts";
import type { Targets } from "./targets.ts";

/** What the motions need of the session. */
export interface Session {
  /** Throws if no scenario runs. */
  readonly running: Running;
  readonly closed: boolean;
  /** A client that knows no `configurationDone` begins by going on: true if that is now. */
  beginLate(): boolean;
  /** Tells the execution of breakpoints that were changed. */
  arm(): void;
  finish(exit_code: number | null): void;
  /** The execution stands still again. */
  arrived(): void;
  /** Another branch is looked at than before. */
  changeBranch(): Promise<void>;
  output(category: "console" | "stderr" | "important", text: string, more?: object): void;
}

/** Where one has stopped. */
interface Visit {
  readonly step: number;
  readonly ended: boolean;
  readonly what: string;
}

const STEP: Motion = { kind: "step" };
const CONTINUE: Motion = { kind: "continue" };
const ENTRY: Motion = { kind: "entry" };
const KINDS: Readonly<Record<ReverseArguments["kind"], StepKind>> = { next: "over", stepIn: "into", stepOut: "out" };

export class Motions {
  /** The stop at hand, as the client was told of it. */
  shown: { readonly at: Stop; readonly stop: ShownStop; readonly position: Position } | null = null;
  /** Ends of runs that the client was told of. */
  private readonly toldEnds = new Set<RunEnd>();
  /** Where one has stopped, in that order, and which of these is at hand. */
  private visits: Visit[] = [];
  private visit = -1;

  constructor(
    private readonly session: Session,
    private readonly sources: Sources,
    private readonly breakpoints: Breakpoints,
    private readonly inspection: Inspection,
    private readonly targets: Targets,
    private readonly emit: Emit,
  ) {}

  /** Another run begins: nothing of the one before is known of it. */
  forget(): void {
    this.shown = null;
    this.toldEnds.clear();
    this.visits = [];
    this.visit = -1;
  }

  /** The first motion of all. */
  begin(): Promise<void> {
    const { execution, debuggee } = this.session.running;
    const { stopOnEntry, noDebug } = debuggee.launch;
    const place = placeOf(debuggee.launch);
    if (noDebug !== true && place !== null) return place === "failure" ? this.move({ kind: "failure" }, () => execution.toFailure()) : this.move(...this.motionTo(execution, place));
    if (stopOnEntry === true && noDebug !== true) return this.move(ENTRY, () => execution.start());
    return this.move(CONTINUE, () => execution.forward(null, 0));
  }

  resume({ threadId, singleThread }: DebugProtocol.ContinueArguments): Answer<DebugProtocol.ContinueResponse["body"]> {
    const { after } = this.forward(CONTINUE, null, singleThread === true ? threadId : 0, singleThread);
    return { body: { allThreadsContinued: singleThread !== true }, ...(after === undefined ? {} : { after }) };
  }

  step(kind: StepKind, { threadId, singleThread }: { threadId: number; singleThread?: boolean }): Answer {
    return this.forward(STEP, kind, threadId, singleThread);
  }

  stepIn({ threadId, targetId, singleThread = false }: DebugProtocol.StepInArguments): Answer {
    if (targetId === undefined) return this.step("into", { threadId, singleThread });
    const { execution } = this.standing(threadId);
    const call = this.targets.call(targetId);
    const go = (): Promise<Stop | null> => execution.intoCall(threadId, call);
    return { after: () => (singleThread ? this.moveAlone(execution, STEP, threadId, go) : this.move(STEP, go)) };
  }

  reverseContinue(): Answer {
    return this.backward(CONTINUE, null, 0);
  }

  stepBack({ threadId }: { threadId: number }): Answer {
    return this.backward(STEP, "over", threadId);
  }

  reverse({ kind, threadId }: ReverseArguments): Answer {
    const step = KINDS[kind];
    if (step === undefined) throw errors.bad_request("'kind' must be next, stepIn or stepOut");
    return this.told(this.backward(STEP, step, threadId), threadId);
  }

  private forward(motion: Motion, step: StepKind | null, pid: number, alone = false): Answer {
    if (this.beginsLate()) return {};
    const { execution } = this.standing(step === null && !alone ? null : pid);
    if (execution.final !== null) return { after: () => (step === null ? this.session.finish(this.ended?.exit_code ?? 0) : this.announce()) };
    const go = (): Promise<Stop | null> => execution.forward(step, pid);
    return { after: () => (alone ? this.moveAlone(execution, motion, pid, go) : this.move(motion, go)) };
  }

  /** Moves forwards in a branch in which only one thread executes meanwhile. */
  private moveAlone(execution: Execution, motion: Motion, pid: number, go: () => Promise<Stop | null>): Promise<void> {
    return this.branchOff(() => execution.decide({ kind: "only", step: execution.stop.step, thread: pid }), motion, () => execution.toTheEndOfOnly(go));
  }

  private backward(motion: Motion, step: StepKind | null, pid: number): Answer {
    if (this.beginsLate()) return {};
    const { execution } = this.standing(step === null ? null : pid);
    if (execution.stop.step <= 1) return { after: () => this.move(ENTRY, () => execution.start()) };
    return { after: () => this.move(motion, () => execution.backward(step, pid)) };
  }

  /** To where the call of a frame began. */
  restartFrame({ frameId }: DebugProtocol.RestartFrameArguments): Answer {
    const { task, number, shown } = this.inspection.frame(frameId);
    const { execution } = this.standing(task.pid);
    if (!task.started || task.state === "done") throw errors.not_restartable(shown.name);
    return { after: () => this.move({ kind: "restart", what: `${shown.name} begins` }, () => execution.toEntry(task.pid, number)) };
  }

  /** To the next, or the last, execution of a line. */
  gotoTarget({ targetId }: DebugProtocol.GotoArguments): Answer {
    const { execution } = this.standing(null);
    const { sites, forwards, text } = this.targets.line(targetId);
    const motion: Motion = { kind: "goto", what: text };
    return { after: () => this.find(motion, `There is no ${text}.`, () => execution.find(step_to_sites(sites), [], forwards)) };
  }

  /** What a command of the console asks for, for the thread of a frame, or the one that has stopped. */
  travel(travel: Travel, frame: StackFrame | null): Answer {
    const threadId = frame?.task.pid ?? this.shown?.position.threadId ?? 0;
    switch (travel.kind) {
      case "step":
        if (travel.back) return this.told(this.backward(travel.step === null ? CONTINUE : STEP, travel.step, threadId), threadId);
        return this.told(this.forward(travel.step === null ? CONTINUE : STEP, travel.step, threadId), threadId);
      case "goto":
        return this.goTo({ [travel.place]: travel.value });
      case "event":
        return this.goTo({ to: travel.back ? "previousEvent" : "nextEvent" });
    }
  }

  /** Answers the request `lockbreak/goto`. */
  goTo(args: GotoArguments): Answer {
    const { execution } = this.standing(null);
    if (args.to !== undefined) return this.told({ after: () => this.goRelative(execution, args.to!) });
    const motion = this.motionTo(execution, args);
    return this.told({ after: () => this.move(...motion) });
  }

  private motionTo(execution: Execution, args: GotoArguments): [Motion, () => Promise<Stop | null>] {
    const name = (["event", "time", "step"] as const).find((key) => args[key] !== undefined);
    const value = name === undefined ? NaN : args[name]!;
    if (!Number.isFinite(value) || value < 0) throw errors.bad_request("one of 'event', 'time', 'step' must be a number, or 'to' a word");
    if (name === "step") return [{ kind: "goto", what: `step ${value}` }, () => execution.toStep(value)];
    if (value === 0) return [ENTRY, () => execution.start()];
    const what = name === "event" ? `behind event ${value}` : `at ${format_time(value)}`;
    return [{ kind: "goto", what }, () => execution.toFirst(hasComeTo(name!, value), name === "event" ? `event ${value}` : format_time(value))];
  }

  private goRelative(execution: Execution, to: NonNullable<GotoArguments["to"]>): Promise<void> | void {
    switch (to) {
      case "nextEvent":
      case "previousEvent": {
        const forwards = to === "nextEvent";
        const nothing = forwards ? "There is no event behind this." : "There is no event before this.";
        return this.find({ kind: "goto" }, nothing, () => execution.find(null, ANY_EVENT, forwards));
      }
      case "nextStop":
      case "previousStop":
        return this.revisit(execution, this.visit + (to === "nextStop" ? 1 : -1));
    }
  }

  /** To where one has stopped before. */
  private revisit(execution: Execution, at: number): Promise<void> | void {
    const visit = this.visits[at];
    if (visit === undefined) {
      this.session.output("important", at < 0 ? "You have stopped nowhere before this." : "This is where you have stopped last.");
      return this.announce();
    }
    this.visit = at;
    return this.move({ kind: "goto", what: visit.what, revisits: true }, () => execution.toStep(visit.ended ? visit.step + 1 : visit.step));
  }

  // Branches

  /** How the run ends in the branch at hand, once that was reached. */
  private get ended(): Ended | null {
    return this.session.running.execution.ending?.ended ?? null;
  }

  /** Gives a place of data a value: a branch begins here. */
  set(place: string, value: string, frame: StackFrame | null): Answer["after"] {
    const { execution } = this.standing(null);
    execution.decide({ kind: "set", step: execution.stop.step, thread: frame?.task.pid ?? 0, frame: frame?.number ?? 0, place, value });
    void this.changeBranch();
    const { shown } = this;
    if (shown !== null) this.show(shown.at, shown.stop);
    return () => this.announce();
  }

  /** Answers the request `lockbreak/runNext`. */
  runNext({ threadId }: ThreadArguments): Answer {
    const { execution } = this.standing(threadId);
    execution.checkNext(threadId);
    const decide = (): void => execution.decide({ kind: "next", step: execution.stop.step, thread: threadId });
    return this.told({ after: () => this.branchOff(decide, STEP, () => execution.forward("into", threadId)) }, threadId);
  }

  /** Answers the requests `lockbreak/continueOnly` and `lockbreak/nextOnly`. */
  only({ threadId }: ThreadArguments, step: StepKind | null): Answer {
    return this.told(this.forward(step === null ? CONTINUE : STEP, step, threadId, true), threadId);
  }

  /** Answers the request `lockbreak/leaveBranch`: back to the recorded execution, to where the branch began. */
  leaveBranch(): Answer {
    const { execution } = this.standing(null);
    const [first] = execution.branch;
    if (first === undefined) throw errors.no_branch();
    const { step } = first;
    const motion: Motion = { kind: "goto", what: "back in the recorded execution" };
    return this.told({ after: () => this.move(motion, () => execution.enter([], step)).then(() => this.changeBranch()) });
  }

  /** What makes the branch at hand, a line each. */
  branchLines(): string[] {
    const { branch, simulation } = this.session.running.execution;
    return branch.length === 0 ? ["This is the recorded execution."] : branch.map((decision) => describeDecision(decision, simulation));
  }

  /** Takes a decision, and then moves in the branch that it makes. */
  private async branchOff(decide: () => void, motion: Motion, go: () => Promise<Stop | null>): Promise<void> {
    decide();
    await this.changeBranch();
    await this.move(motion, go);
  }

  private changeBranch(): Promise<void> {
    this.visits = this.visits.slice(this.visit, this.visit + 1);
    this.visit = this.visits.length - 1;
    return this.session.changeBranch();
  }

  pause(): Answer {
    this.session.running.execution.pause();
    return {};
  }

  /** Does the run begin by this request? Throws if there is none. */
  private beginsLate(): boolean {
    return this.session.running !== null && this.session.beginLate();
  }

  /** The run, which has to stand still, with that thread. */
  private standing(pid: number | null): Running {
    const { running } = this.session;
    if (running.execution.running) throw errors.running();
    if (pid !== null && running.execution.simulation.machine.tasks[pid - 1] === undefined) throw errors.no_thread(pid);
    return running;
  }

  /** After a request that a client does not know to move anything, it is told so. */
  private told({ after }: Answer, threadId = this.shown?.position.threadId ?? 0): Answer {
    return {
      after: () => {
        this.emit("continued", { threadId, allThreadsContinued: true });
        return after?.();
      },
    };
  }

  /** A motion to what may not be there: then one stays where one is. */
  private async find(motion: Motion, nothing: string, go: () => ReturnType<Execution["find"]>): Promise<void> {
    const { shown } = this;
    let missed = false;
    await this.move(motion, async () => {
      const { stop, found } = await go();
      missed = !found && stop !== null;
      if (missed) this.session.arrived();
      return missed ? null : stop;
    });
    if (!missed || this.session.closed) return;
    this.session.output("important", nothing);
    this.shown = shown;
    this.announce();
  }

  private async move(motion: Motion, go: () => Promise<Stop | null>): Promise<void> {
    this.inspection.forget();
    this.targets.forget();
    this.shown = null;
    this.session.arm();
    const { running } = this.session;
    const stop = await go();
    // Another run may have begun meanwhile.
    if (stop === null || this.session.closed || this.session.running !== running) return;
    this.session.arrived();
    this.arrive(running, stop, motion);
  }

  private arrive({ execution, debuggee }: Running, stop: Stop, motion: Motion): void {
    if (stop.outcome !== null) this.reachEnd(execution, stop);
    const ended = stop.outcome === null ? null : this.ended;
    const shown = describeStop(stop, execution.paused ? { kind: "pause" } : motion, this.breakpoints, ended);
    const { noDebug, stopAtEnd = true } = debuggee.launch;
    if (ended !== null && (noDebug === true || (!stopAtEnd && shown.finding === null))) return this.session.finish(ended.exit_code);
    this.show(stop, shown);
    if (motion.revisits !== true) this.noteVisit({ step: stop.step, ended: stop.outcome !== null, what: shown.what });
    this.announce();
    void execution.idle(threadOf(stop, execution.simulation));
  }

  private show(at: Stop, stop: ShownStop): void {
    const { simulation, recording, branch } = this.session.running.execution;
    const decisions = branch.map((decision) => describeDecision(decision, simulation));
    this.shown = { at, stop, position: positionOf(at, recording.furthest, stop, threadOf(at, simulation), decisions) };
  }

  private noteVisit(visit: Visit): void {
    this.visits = [...this.visits.slice(0, this.visit + 1), visit].slice(-MAX_VISITS);
    this.visit = this.visits.length - 1;
  }

  /** The end was reached: the first time in a branch, the client is told what it amounts to. */
  private reachEnd({ ending, simulation }: Execution, stop: Stop): void {
    if (ending === null || this.toldEnds.has(ending)) return;
    this.toldEnds.add(ending);
    const { ended, checks } = ending;
    const { debuggee } = this.session.running;
    const source = this.sources.scenarioSource(debuggee);
    for (const { text, line } of checkOutputs(checks)) this.session.output("stderr", text, { source, line: this.sources.clientRange({ line, column: 1, endLine: line, endColumn: 1 }).line });
    if (ended.finding?.filter === "bug" || ended.exit_code > 1) this.session.output("stderr", [ended.finding?.message ?? ended.what, ...(ended.finding?.lines ?? [])].join("\n  "));
    this.session.output("console", summary(simulation, checks, stop, ended));
  }

  /** Tells the client, once more perhaps, where the execution stands. */
  private announce(): void {
    if (this.shown === null) return;
    const { stop, position } = this.shown;
    this.emit("stopped", stoppedBody(stop, position));
    this.emit("lockbreak/moved", position);
  }
}

/** So many stops are remembered. */
const MAX_VISITS = 1_000;
