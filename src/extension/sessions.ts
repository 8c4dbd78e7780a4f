// Follows the active debug session: what the views show, and what the commands act on.

import { EventEmitter, debug, type DebugSession, type Disposable } from "vscode";
import type { Position } from "../debug-adapter/protocol.ts";
import { DEBUG_TYPE } from "./configuration.ts";

export class ActiveSession implements Disposable {
  private readonly moved = new EventEmitter<void>();
  /** Fires after each stop of the active session, and when another session becomes active, or none. */
  readonly onDidMove = this.moved.event;
  /** Where the sessions are that have stopped at least once, or were last, by id. */
  private readonly positions = new Map<string, Position>();
  private readonly subscriptions: Disposable[];

  constructor() {
    this.subscriptions = [
      this.moved,
      debug.onDidChangeActiveDebugSession(() => this.moved.fire()),
      debug.onDidReceiveDebugSessionCustomEvent(({ event, session, body }) => {
        if (event !== "lockbreak/moved" || session.type !== DEBUG_TYPE) return;
        this.positions.set(session.id, body as Position);
        if (session.id === this.session?.id) this.moved.fire();
      }),
      debug.onDidTerminateDebugSession(({ id }) => {
        if (this.positions.delete(id)) this.moved.fire();
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
    return session !== undefined && this.positions.has(session.id) ? session : undefined;
  }

  /** Where the active session is, or was before it went on; undefined if it is not ours or has not stopped yet. */
  get position(): Position | undefined {
    const { session } = this;
    return session === undefined ? undefined : this.positions.get(session.id);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}
