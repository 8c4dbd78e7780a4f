// What goes wrong on the command line before a scenario runs: one function per message, each with a stable code and a way out.

/** Exit codes; docs/run-json.md and `lockbreak --help` tell users the same. */
export const EXIT = { ok: 0, failed: 1, wrong: 2, limit: 3, internal: 70, interrupted: 130 } as const;

/** A mistake of who called the program. Printed as one line; the program ends with EXIT.wrong. */
export class UserError extends Error {
  override readonly name = "UserError";
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

function error<A extends readonly string[]>(code: string, message: (...args: A) => string): (...args: A) => UserError {
  return (...args) => new UserError(code, message(...args));
}

/** A question after an unknown word, if a known one resembles it. */
export function did_you_mean(near: string | undefined): string {
  return near === undefined ? "" : ` Did you mean '${near}'?`;
}

export const errors = {
  // Arguments
  unknown_command: error("LB001", (word: string, near: string) => `There is no command '${word}'.${near} 'lockbreak --help' lists the commands.`),
  unknown_option: error("LB002", (option: string, command: string, near: string) => `There is no option '${option}'.${near} 'lockbreak ${command}--help' lists the options.`),
  missing_value: error("LB003", (option: string, value: string) => `The option '${option}' needs a value: ${option} ${value}.`),
  surplus_value: error("LB004", (option: string) => `The option '${option}' takes no value.`),
  missing_file: error("LB005", (command: string) => `Which scenario? Write: lockbreak ${command} FILE.vmscn`),
  surplus_file: error("LB006", (word: string, command: string) => `'lockbreak ${command}' takes one scenario: '${word}' is too much.`),
  bad_number: error("LB007", (option: string, text: string) => `'${text}' is no value of ${option}: write a whole number from 1 on.`),
  bad_time: error("LB008", (option: string, text: string) => `'${text}' is no value of ${option}: write a time as 500us, 20ms or 10s.`),
  bad_size: error("LB011", (option: string, text: string) => `'${text}' is no value of ${option}: write a size as 512M or 4G.`),
  unknown_kernel: error("LB009", (name: string, known: string, near: string) => `There is no kernel '${name}'.${near} There are ${known}.`),
  unknown_event: error("LB010", (name: string, near: string) => `There is no event '${name}'.${near} 'lockbreak run --help' lists the events.`),

  // Files
  no_such_file: error("LB020", (file: string) => `There is no file '${file}'.`),
  is_directory: error("LB021", (file: string) => `'${file}' is a directory: name a scenario file in it.`),
  unreadable: error("LB022", (file: string, why: string) => `'${file}' cannot be read: ${why}.`),
  too_large: error("LB023", (file: string, size: string, limit: string) => `'${file}' is too large for a scenario (${size}; at most ${limit}). Is it the right file?`),
};
