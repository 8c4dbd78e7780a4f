// The errors of the command line before a scenario runs: one function per message, each with a stable code and a remedy.

/** Exit codes; docs/run-json.md and `lockbreak --help` document them. */
export const EXIT = { ok: 0, failed: 1, wrong: 2, limit: 3, internal: 70, interrupted: 130 } as const;

/** A mistake of the user. Its message is one line; the program ends with EXIT.wrong. */
export class UserError extends Error {
  override readonly name = "UserError";
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

function userError<A extends readonly string[]>(code: string, message: (...args: A) => string): (...args: A) => UserError {
  return (...args) => new UserError(code, message(...args));
}

/** A suggestion after an unknown word, if a known one resembles it. */
export function didYouMean(near: string | undefined): string {
  return near === undefined ? "" : ` Did you mean '${near}'?`;
}

export const cliErrors = {
  // Arguments
  unknownCommand: userError(
    "LB001",
    (word: string, near: string) => `There is no command '${word}'.${near} 'lockbreak --help' lists the commands.`,
  ),
  unknownOption: userError(
    "LB002",
    (option: string, command: string, near: string) =>
      `There is no option '${option}'.${near} 'lockbreak ${command}--help' lists the options.`,
  ),
  missingValue: userError("LB003", (option: string, value: string) => `The option '${option}' needs a value: ${option} ${value}.`),
  surplusValue: userError("LB004", (option: string) => `The option '${option}' takes no value.`),
  missingFile: userError("LB005", (command: string) => `Which scenario? Write: lockbreak ${command} FILE.vmscn`),
  surplusFile: userError("LB006", (word: string, command: string) => `'lockbreak ${command}' takes one scenario: '${word}' is too much.`),
  badNumber: userError("LB007", (option: string, text: string) => `'${text}' is no value of ${option}: write a whole number from 1 on.`),
  badTime: userError("LB008", (option: string, text: string) => `'${text}' is no value of ${option}: write a time as 500us, 20ms or 10s.`),
  badSize: userError("LB011", (option: string, text: string) => `'${text}' is no value of ${option}: write a size as 512M or 4G.`),
  unknownKernel: userError(
    "LB009",
    (name: string, known: string, near: string) => `There is no kernel '${name}'.${near} There are ${known}.`,
  ),
  unknownEvent: userError(
    "LB010",
    (name: string, near: string) => `There is no event '${name}'.${near} 'lockbreak run --help' lists the events.`,
  ),

  unknownPolicy: userError(
    "LB012",
    (name: string, near: string, known: string) => `There is no policy '${name}'.${near} There are ${known}.`,
  ),
  badShard: userError("LB013", (text: string) => `'${text}' is no value of --shard: write I/N, from 1/N to N/N.`),
  badCount: userError("LB014", (option: string, text: string) => `'${text}' is no value of ${option}: write a whole number from 0 on.`),
  badSchedule: userError("LB015", (why: string) => `This schedule cannot be replayed: ${why}.`),
  tooManyTasks: userError(
    "LB016",
    (tasks: string, limit: string) => `${tasks} tasks are too many to explore: tasks and the CPUs they are on may be ${limit} together.`,
  ),

  shardPolicy: userError("LB018", (policy: string) => `The policy '${policy}' cannot be searched in parts: --shard goes with 'staged'.`),
  tooManyWorkers: userError("LB019", (workers: string, limit: string) => `${workers} threads are too many: at most ${limit}.`),
  setupFails: userError("LB017", (file: string, why: string) => `The processes of '${file}' cannot be set up: ${why}`),

  // Files
  noSuchFile: userError("LB020", (file: string) => `There is no file '${file}'.`),
  isDirectory: userError("LB021", (file: string) => `'${file}' is a directory: name a scenario file in it.`),
  unreadable: userError("LB022", (file: string, why: string) => `'${file}' cannot be read: ${why}.`),
  tooLarge: userError(
    "LB023",
    (file: string, size: string, limit: string) =>
      `'${file}' is too large for a scenario (${size}; at most ${limit}). Is it the right file?`,
  ),
  unwritable: userError("LB024", (file: string, why: string) => `'${file}' cannot be written: ${why}.`),
  badState: userError("LB025", (file: string) => `'${file}' is no state of a search, or is damaged: name another file, or delete it.`),
  otherState: userError(
    "LB026",
    (file: string) =>
      `'${file}' is the state of a search of another scenario, with other options, or by another version of Lockbreak: ` +
      "name another file, or delete it.",
  ),

  // Options that do not go together
  preemptionsPolicy: userError(
    "LB050",
    (policy: string) => `The policy '${policy}' does not count preemptions: --preemptions goes with 'staged' and 'dfs'.`,
  ),
  givenTwice: userError("LB051", (option: string, command: string) => `'lockbreak ${command}' takes one ${option}, and here are several.`),
  scheduledTime: userError(
    "LB052",
    () => "Model time decides nothing in a run that follows a schedule: write --limit-steps N instead of --limit-time.",
  ),

  // Parts of searches
  noPart: userError("LB040", (file: string) => `'${file}' is no part of a search: 'lockbreak explore FILE --shard I/N --json' writes one.`),
  noParts: userError("LB044", () => "Which parts? Write: lockbreak merge PART.json…"),
  otherPart: userError(
    "LB041",
    (file: string) =>
      `'${file}' is a part of another search than the first one: ` +
      "another scenario, other kernels, other options, or another version of Lockbreak.",
  ),
  partTwice: userError("LB042", (part: string) => `Part ${part} is there twice.`),
  missingParts: userError("LB043", (parts: string) => `There are parts missing: ${parts}.`),
};
