// Follows our debug sessions: which there are, and where the active one stands, which the views show and the commands act on.

import { EventEmitter, debug, type DebugSession, type Disposable } from "vscode";
import type { Position } from "../../debug-adapter/protocol/protocol.ts";
import { DEBUG_TYPE } from "../host/configuration.ts";

export class ActiveSession implements Disposable {
  private readonly moved = new EventEmitter<void>();
  /** Fires after each stop of the active session, and when another session becomes active, or none. */
  readonly onDidMove = this.moved.event;
  /** The sessions that have stopped at least once, and where they are, or were last, by id. */
  private readonly known = new Map<string, { readonly session: DebugSession; readonly position: Position }>();
  private readonly subscriptions: Disposable[];

  constructor() {
    this.subscriptions = [
      this.moved,
      debug.onDidChangeActiveDebugSession(() => this.moved.fire()),
      debug.onDidReceiveDebugSessionCustomEvent(({ event, session, body }) => {
        if (event !== "lockbreak/moved" || session.type !== DEBUG_TYPE) return;
        this.known.set(session.id, { session, position: body as Position });
        if (session.id === this.session?.id) this.moved.fire();
      }),
      debug.onDidTerminateDebugSession(({ id }) => {
        if (this.known.delete(id)) this.moved.fire();
      }),
    ];
  }

  /** The active session, if it is ours. */
  get session(): DebugSession | undefined {
    const session = debug.activeDebugSession;
    return session?.type === DEBUG_TYPE ? session : undefined;
  }

  /** The active session, if it is ours and there is a stop of it to look at. */
  get stopped(): DebugSession | undefined {
    const { session } = this;
    return session !== undefined && this.known.has(session.id) ? session : undefined;
  }

  /** One of our sessions that have stopped, whether it is the active one or not. */
  withId(id: string): DebugSession | undefined {
    return this.known.get(id)?.session;
  }

  /** Where the active session is, or was before it went on; undefined if it is not ours or has not stopped yet. */
  get position(): Position | undefined {
    const { session } = this;
    return session === undefined ? undefined : this.known.get(session.id)?.position;
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}

/** Our sessions from their start to their end, whether they have stopped yet or not. */
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
