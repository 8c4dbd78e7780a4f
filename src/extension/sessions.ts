// Follows the active debug session: what the views show, and what the commands act on.

import { EventEmitter, debug, type DebugSession, type Disposable } from "vscode";
import { DEBUG_TYPE } from "./configuration.ts";

export class ActiveSession implements Disposable {
  private readonly moved = new EventEmitter<void>();
  /** Fires after each stop of the active session, and when another session becomes active, or none. */
  readonly onDidMove = this.moved.event;
  /** The sessions that have stopped at least once. */
  private readonly haveStopped = new Set<string>();
  private readonly subscriptions: Disposable[];

  constructor() {
    this.subscriptions = [
      this.moved,
      debug.onDidChangeActiveDebugSession(() => this.moved.fire()),
      debug.onDidReceiveDebugSessionCustomEvent(({ event, session }) => {
        if (event !== "lockbreak/moved" || session.type !== DEBUG_TYPE) return;
        this.haveStopped.add(session.id);
        if (session.id === this.session?.id) this.moved.fire();
      }),
      debug.onDidTerminateDebugSession(({ id }) => {
        if (this.haveStopped.delete(id)) this.moved.fire();
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
    return session !== undefined && this.haveStopped.has(session.id) ? session : undefined;
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}
