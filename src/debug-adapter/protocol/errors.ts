// What goes wrong, as users read it: one function per error, each with a number of its own that is never used again for
// another. Whose fault it is decides the wording and whether a client shows it in a dialog.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { MISTAKES } from "./protocol.ts";

/** An error that is the answer to a request. */
export class AdapterError extends Error {
  override readonly name = "AdapterError";
  constructor(
    readonly id: number,
    message: string,
    /** Clients show it in a dialog: for what a person asked for, not for what a view or a hover did. */
    readonly show: boolean,
  ) {
    super(message);
  }

  /**
   * As the body of an error response.
   * @param show whether clients are to show it in a dialog
   */
  body(show: boolean): { readonly error: DebugProtocol.Message } {
    // Braces mean variables to clients: a message of ours has none.
    return { error: { id: this.id, format: this.message.replace(/[{}]/g, (brace) => (brace === "{" ? "(" : ")")), showUser: show } };
  }
}

function shown<A extends readonly unknown[]>(id: number, message: (...args: A) => string): (...args: A) => AdapterError {
  return (...args) => new AdapterError(id, message(...args), true);
}

function quiet<A extends readonly unknown[]>(id: number, message: (...args: A) => string): (...args: A) => AdapterError {
  return (...args) => new AdapterError(id, message(...args), false);
}

export const errors = {
  // Launch
  no_program: shown(1001, () => "There is no scenario to run: set 'program' in the launch configuration to a .vmscn file."),
  unreadable: shown(1002, (program: string, why: string) => `The scenario '${program}' cannot be read: ${why}.`),
  mistakes: shown(MISTAKES, (program: string, line: number, message: string, more: number) => `${program}, line ${line}: ${message}${more === 0 ? "" : ` There ${more === 1 ? "is one more mistake" : `are ${more} more mistakes`} in this scenario.`}`),
  no_scenario: shown(1004, (program: string, line: number, message: string) => `'${program}' is not a scenario (line ${line}: ${message}) Set 'program' to a .vmscn file.`),
  unknown_kernel: shown(1005, (kernel: string, known: string, near: string) => `There is no kernel '${kernel}'.${near} There are ${known}.`),
  launched_already: shown(1006, () => "This session runs a scenario already. Start another session for another one."),
  bad_argument: shown(1007, (name: string, wanted: string) => `'${name}' in the launch configuration must be ${wanted}.`),
  too_large: shown(1008, (program: string) => `'${program}' is too large for a scenario. Is it the right file?`),
  bad_schedule: shown(1010, (why: string) => `The 'schedule' in the launch configuration cannot be followed: ${why}.`),
  too_few_cpus: shown(1009, (task: string, cpu: number) => `Task '${task}' runs on CPU ${cpu}: 'cpus' in the launch configuration must be at least ${cpu + 1}.`),

  // Requests at a wrong time, or with wrong arguments
  not_supported: quiet(2001, (command: string) => `This debugger does not support the request '${command}'.`),
  not_launched: quiet(2002, () => "No scenario runs in this session yet."),
  running: quiet(2003, () => "The scenario is running: pause it first."),
  not_running: quiet(2004, () => "The scenario is not running."),
  no_thread: quiet(2005, (thread: unknown) => `There is no thread ${String(thread)}.`),
  no_frame: quiet(2006, () => "This stack frame is gone: the scenario went on."),
  no_reference: quiet(2007, () => "These variables are gone: the scenario went on."),
  at_start: quiet(2008, () => "This is the start of the execution: nothing was executed before."),
  bad_request: quiet(2009, (what: string) => `The request is not well formed: ${what}.`),
  cancelled: quiet(2010, () => "cancelled"),
  no_source: quiet(2011, () => "There is no such source."),
  no_exception: quiet(2012, () => "This thread did not stop at a failed check or a bug."),
  ended: quiet(2013, () => "The session has ended."),
  nothing_to_evaluate: quiet(2014, () => "There is nothing to evaluate."),
  no_target: quiet(2016, () => "This place to go to is gone: the scenario went on."),
  not_restartable: shown(2017, (frame: string) => `${frame}: there is no call that could begin anew.`),
  not_set: shown(2018, (place: string, why: string) => `${place} cannot be set: ${why.replace(/\.$/, "")}.`),
  not_next: shown(2019, (task: string, why: string) => `${task} cannot be made to execute next: ${why}.`),
  run_ended: shown(2020, () => "The run has ended: go back before you change something."),
  no_branch: shown(2021, () => "This is the recorded execution: there is no branch to leave."),
  looks_only: quiet(2022, () => "A watch only looks: set values in the debug console, or where the variable is shown. == compares."),
  initialized_already: quiet(2023, () => "This session was initialized already."),
  not_evaluated: quiet(2015, (why: string) => why),

  // Ours
  internal: shown(9999, (what: string) => `Internal error: ${what}. This is a fault of Lockbreak, not of your scenario; please report it with the scenario.`),
};
