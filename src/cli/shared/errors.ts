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
export function didYouMean(near: string | undefined): string {
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

  unknown_policy: error("LB012", (name: string, near: string, known: string) => `There is no policy '${name}'.${near} There are ${known}.`),
  bad_shard: error("LB013", (text: string) => `'${text}' is no value of --shard: write I/N, from 1/N to N/N.`),
  bad_count: error("LB014", (option: string, text: string) => `'${text}' is no value of ${option}: write a whole number from 0 on.`),
  bad_schedule: error("LB015", (why: string) => `This is no schedule that can be followed: ${why}.`),
  too_many_tasks: error("LB016", (tasks: string, limit: string) => `${tasks} tasks are too many to explore: tasks and the CPUs they are on may be ${limit} together.`),

  shard_policy: error("LB018", (policy: string) => `The policy '${policy}' cannot be searched in parts: --shard goes with 'staged'.`),
  too_many_workers: error("LB019", (workers: string, limit: string) => `${workers} threads are too many: at most ${limit}.`),
  setup_fails: error("LB017", (file: string, why: string) => `The processes of '${file}' cannot be set up: ${why}`),

  // Files
  no_such_file: error("LB020", (file: string) => `There is no file '${file}'.`),
  is_directory: error("LB021", (file: string) => `'${file}' is a directory: name a scenario file in it.`),
  unreadable: error("LB022", (file: string, why: string) => `'${file}' cannot be read: ${why}.`),
  too_large: error("LB023", (file: string, size: string, limit: string) => `'${file}' is too large for a scenario (${size}; at most ${limit}). Is it the right file?`),
  unwritable: error("LB024", (file: string, why: string) => `'${file}' cannot be written: ${why}.`),
  bad_state: error("LB025", (file: string) => `'${file}' is no state of a search, or is damaged: name another file, or delete it.`),
  other_state: error("LB026", (file: string) => `'${file}' is the state of a search of another scenario, with other options, or by another version of Lockbreak: name another file, or delete it.`),

  // Options that do not go together
  preemptions_policy: error("LB050", (policy: string) => `The policy '${policy}' does not count preemptions: --preemptions goes with 'staged' and 'dfs'.`),
  given_twice: error("LB051", (option: string, command: string) => `'lockbreak ${command}' takes one ${option}, and here are several.`),
  scheduled_time: error("LB052", () => "Model time decides nothing in a run that follows a schedule: write --limit-steps N instead of --limit-time."),

  // Parts of searches
  no_part: error("LB040", (file: string) => `'${file}' is no part of a search: 'lockbreak explore FILE --shard I/N --json' writes one.`),
  no_parts: error("LB044", () => "Which parts? Write: lockbreak merge PART.json…"),
  other_part: error("LB041", (file: string) => `'${file}' is a part of another search than the first one: another scenario, other kernels, other options, or another version of Lockbreak.`),
  part_twice: error("LB042", (part: string) => `Part ${part} is there twice.`),
  missing_parts: error("LB043", (parts: string) => `There are parts missing: ${parts}.`),
};
