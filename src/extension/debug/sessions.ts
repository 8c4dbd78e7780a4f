// Tracks the debug sessions of this extension, and the position of the active one, which the views show and the commands act on.

import { EventEmitter, debug, type DebugSession, type Disposable } from "vscode";
import type { ExecutionPosition } from "../../debug-adapter/protocol/protocol.ts";
import { DEBUG_TYPE } from "../host/configuration.ts";

export class ActiveSession implements Disposable {
  private readonly moved = new EventEmitter<void>();
  /** Fires after each stop of the active session, and when another session becomes active, or none. */
  readonly onDidMove = this.moved.event;
  /** The sessions that have stopped at least once, and their last positions, by id. */
  private readonly positions = new Map<string, { readonly session: DebugSession; readonly position: ExecutionPosition }>();
  private readonly subscriptions: Disposable[];

  constructor() {
    this.subscriptions = [
      this.moved,
      debug.onDidChangeActiveDebugSession(() => this.moved.fire()),
      debug.onDidReceiveDebugSessionCustomEvent(({ event, session, body }) => {
        if (event !== "lockbreak/moved" || session.type !== DEBUG_TYPE) return;
        this.positions.set(session.id, { session, position: body as ExecutionPosition });
        if (session.id === this.session?.id) this.moved.fire();
      }),
      debug.onDidTerminateDebugSession(({ id }) => {
        if (this.positions.delete(id)) this.moved.fire();
      }),
    ];
  }

  /** The active session, if it is one of this extension. */
  get session(): DebugSession | undefined {
    const session = debug.activeDebugSession;
    return session?.type === DEBUG_TYPE ? session : undefined;
  }

  /** The active session, if it is one of this extension and has stopped at least once. */
  get stopped(): DebugSession | undefined {
    const { session } = this;
    return session !== undefined && this.positions.has(session.id) ? session : undefined;
  }

  /** The session with this id, active or not, if it has stopped at least once. */
  withId(id: string): DebugSession | undefined {
    return this.positions.get(id)?.session;
  }

  /** The position of the active session, or its last one while it runs; undefined if it is not of this extension or has not stopped yet. */
  get position(): ExecutionPosition | undefined {
    const { session } = this;
    return session === undefined ? undefined : this.positions.get(session.id)?.position;
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}

/** The sessions of this extension from their start to their end, whether they have stopped yet or not. */
export class RunningSessions implements Disposable {
  private readonly sessions = new Set<DebugSession>();
  private readonly started = new EventEmitter<DebugSession>();
  readonly onDidStart = this.started.event;
  private readonly subscriptions = [
    this.started,
    debug.onDidStartDebugSession((session) => {
      if (session.type !== DEBUG_TYPE) return;
      this.sessions.add(session);
      this.started.fire(session);
    }),
    debug.onDidTerminateDebugSession((session) => void this.sessions.delete(session)),
  ];

  get all(): Iterable<DebugSession> {
    return this.sessions;
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}
