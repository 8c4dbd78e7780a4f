// The errors that requests are answered with: one function for each, with a number that is never used for another error. Who has
// caused it, the user, the client or Lockbreak, decides the wording, and whether the client shows it in a dialog.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { INVALID_SCENARIO_ERROR } from "./protocol.ts";

/** An error that is the answer to a request. */
export class AdapterError extends Error {
  override readonly name = "AdapterError";
  constructor(
    readonly id: number,
    message: string,
    /** The client shows it in a dialog: if it answers an action of the user, not a request of a view or of a hover. */
    readonly showUser: boolean,
  ) {
    super(message);
  }

  /**
   * The body of the error response.
   * @param inDialog whether clients are to show it in a dialog
   */
  toErrorBody(inDialog: boolean): { readonly error: DebugProtocol.Message } {
    // Clients replace variables in braces: our messages have none.
    return { error: { id: this.id, format: this.message.replace(/[{}]/g, (brace) => (brace === "{" ? "(" : ")")), showUser: inDialog } };
  }
}

function userError<A extends readonly unknown[]>(id: number, message: (...args: A) => string): (...args: A) => AdapterError {
  return (...args) => new AdapterError(id, message(...args), true);
}

function clientError<A extends readonly unknown[]>(id: number, message: (...args: A) => string): (...args: A) => AdapterError {
  return (...args) => new AdapterError(id, message(...args), false);
}

function moreMistakes(count: number): string {
  if (count === 0) return "";
  return ` There ${count === 1 ? "is one more mistake" : `are ${count} more mistakes`} in this scenario.`;
}

export const adapterErrors = {
  // Launch
  noProgram: userError(1001, () => "There is no scenario to run: set 'program' in the launch configuration to a .vmscn file."),
  unreadableScenario: userError(1002, (program: string, why: string) => `The scenario '${program}' cannot be read: ${why}.`),
  invalidScenario: userError(
    INVALID_SCENARIO_ERROR,
    (program: string, line: number, message: string, more: number) => `${program}, line ${line}: ${message}${moreMistakes(more)}`,
  ),
  notAScenario: userError(
    1004,
    (program: string, line: number, message: string) =>
      `'${program}' is not a scenario (line ${line}: ${message}) Set 'program' to a .vmscn file.`,
  ),
  unknownKernel: userError(
    1005,
    (kernel: string, known: string, near: string) => `There is no kernel '${kernel}'.${near} There are ${known}.`,
  ),
  alreadyLaunched: userError(1006, () => "This session runs a scenario already. Start another session for another one."),
  invalidLaunchArgument: userError(1007, (name: string, wanted: string) => `'${name}' in the launch configuration must be ${wanted}.`),
  scenarioTooLarge: userError(1008, (program: string) => `'${program}' is too large for a scenario. Is it the right file?`),
  invalidSchedule: userError(1010, (why: string) => `The 'schedule' in the launch configuration cannot be followed: ${why}.`),
  tooFewCpus: userError(
    1009,
    (task: string, cpu: number) => `Task '${task}' runs on CPU ${cpu}: 'cpus' in the launch configuration must be at least ${cpu + 1}.`,
  ),

  // Requests at a wrong time, or with wrong arguments
  unsupportedRequest: clientError(2001, (command: string) => `This debugger does not support the request '${command}'.`),
  notLaunched: clientError(2002, () => "No scenario runs in this session yet."),
  notStopped: clientError(2003, () => "The scenario is running: pause it first."),
  notRunning: clientError(2004, () => "The scenario is not running."),
  unknownThread: clientError(2005, (thread: unknown) => `There is no thread ${String(thread)}.`),
  staleFrame: clientError(2006, () => "This stack frame is gone: the execution has moved."),
  staleReference: clientError(2007, () => "These variables are gone: the execution has moved."),
  malformedRequest: clientError(2009, (what: string) => `The request is not well formed: ${what}.`),
  cancelled: clientError(2010, () => "cancelled"),
  unknownSource: clientError(2011, () => "There is no such source."),
  noException: clientError(2012, () => "This thread did not stop at a failed check or a bug."),
  sessionEnded: clientError(2013, () => "The session has ended."),
  nothingToEvaluate: clientError(2014, () => "There is nothing to evaluate."),
  staleTarget: clientError(2016, () => "This target is gone: the execution has moved."),
  notRestartable: userError(2017, (frame: string) => `${frame}: there is no call that could begin anew.`),
  cannotSet: userError(2018, (place: string, why: string) => `${place} cannot be set: ${why.replace(/\.$/, "")}.`),
  cannotRunNext: userError(2019, (task: string, why: string) => `${task} cannot be made to execute next: ${why}.`),
  runEnded: userError(2020, () => "The run has ended: go back before you change something."),
  notInBranch: userError(2021, () => "This is the recorded execution: there is no branch to leave."),
  watchCannotAssign: clientError(
    2022,
    () => "A watch only reads: set values in the debug console, or where the variable is shown. == compares.",
  ),
  alreadyInitialized: clientError(2023, () => "This session was initialized already."),
  notEvaluated: clientError(2015, (why: string) => why),

  // Internal faults
  internal: userError(
    9999,
    (what: string) => `Internal error: ${what}. This is a fault of Lockbreak, not of your scenario; please report it with the scenario.`,
  ),
};
