// What the classes that answer requests need of the session that they are parts of.

import type { LaunchedRun } from "../execution/execution.ts";

export interface SessionServices {
  /** The run. Throws an AdapterError before a scenario was launched, and after the session has ended. */
  readonly launched: LaunchedRun;
  /** The session has ended: nothing is sent any more. */
  readonly closed: boolean;
  /** Starts the run for a client that sends no `configurationDone` but continues; false if the run was started before. */
  startLate(): boolean;
  /** Passes breakpoints that were changed since the last call on to the execution. */
  syncBreakpoints(): void;
  /** Ends the session: the client gets `exited`, unless the code is null, and `terminated`. */
  endSession(exitCode: number | null): void;
  /** The execution has stopped: prints how many messages of log points were left out. */
  flushLogs(): void;
  /** The execution is in another branch than before: breakpoints are bound again, histories are dropped. */
  branchChanged(): Promise<void>;
  /** Prints to the debug console. */
  sendOutput(category: "console" | "stderr" | "important", text: string, more?: object): void;
}
