// The command line: the table of commands and options, from which parsing and help are made.

import { parseArgs } from "node:util";
import { COMPARE_STEPS } from "../../console/comparison.ts";
import type { POLICIES } from "../../engine/explore/exploration.ts";
import { TRACEPOINTS } from "../../engine/machine/trace.ts";
import { KERNELS } from "../../scenario/catalogue/machine.ts";
import { parseSize } from "../../scenario/lower/literals.ts";
import { nearestName } from "../../scenario/program/spelling.ts";
import { didYouMean, cliErrors, EXIT } from "./errors.ts";

interface OptionSpec {
  readonly name: string;
  /** The placeholder of its value in the help; absent for a switch. */
  readonly value?: string;
  /** It may be given several times. */
  readonly repeats?: true;
  readonly doc: string;
}

interface CommandSpec {
  readonly name: string;
  readonly files: "FILE" | "FILE…";
  readonly doc: string;
  readonly options: readonly OptionSpec[];
  /** Further help. */
  readonly notes: () => string;
}

/** The help on exit codes; those of wrong arguments, of Ctrl-C and of faults of Lockbreak are the same for all subcommands. */
function exitCodes(codes: Readonly<Record<number, string>>): string {
  const all = {
    ...codes,
    [EXIT.wrong]: "the scenario or the arguments are wrong",
    [EXIT.internal]: "a fault of Lockbreak itself",
    [EXIT.interrupted]: "it was interrupted",
  };
  return helpSection(
    "Exit codes",
    Object.entries(all).map(([code, doc]) => ({ name: code.padStart(3), doc })),
  );
}

const RUN_CODES = {
  [EXIT.ok]: "all checks hold",
  [EXIT.failed]: "a check of the scenario or of the kernel failed",
  [EXIT.limit]: "a limit was reached",
};

const SEARCH_CODES = {
  [EXIT.ok]: "no check fails, within the bounds of the search",
  [EXIT.failed]: "a check fails: an example is shown",
  [EXIT.limit]: "it is not known: the search was stopped, executions were truncated at the bound, or they were random",
};

const LIMIT_MEMORY: OptionSpec = {
  name: "limit-memory",
  value: "SIZE",
  doc: "accept scenarios that need up to SIZE of memory, as estimated: 512M, 4G (2G)",
};

const RUN_OPTIONS: readonly OptionSpec[] = [
  { name: "schedule", value: "TEXT", doc: "replay this schedule, on its kernel: a finding of 'lockbreak explore'" },
  { name: "kernel", value: "NAME", doc: "run on this kernel instead of the scenario's" },
  { name: "limit-steps", value: "N", doc: "stop after N statements (200000000)" },
  { name: "limit-time", value: "T", doc: "stop after T of model time: 500us, 20ms, 10s (1 hour); not with --schedule" },
  LIMIT_MEMORY,
];

const POLICY_DOCS: readonly { readonly name: (typeof POLICIES)[number]; readonly doc: string }[] = [
  { name: "staged", doc: "round robin first, then all executions within the preemption bound, then any number of preemptions" },
  { name: "dpor", doc: "one execution of each equivalence class, with any number of preemptions (dynamic partial-order reduction)" },
  { name: "pct", doc: "random executions, with priorities that change at a few moments" },
  { name: "random", doc: "random executions" },
  { name: "dfs", doc: "all executions within the preemption bound, equivalent ones included" },
];

const COMPARE_NOTES = `${helpSection("Rows", [
  {
    name: "run",
    doc:
      `how one run ended: end, bug, deadlock, error, or limit (${COMPARE_STEPS} statements); ` +
      "and which checks of the kernel failed in it",
  },
  { name: "checks that hold", doc: "of the scenario's, in that run" },
  {
    name: "exploration",
    doc: "clean, open, or found, and which checks failed in some interleaving; with 0 executions, or too many tasks, there is none",
  },
  { name: "model time", doc: "how long the run took: all times are what the table of costs says, not what this computer takes" },
  { name: "pages zapped", doc: "ptes cleared by unmapping, also per ms of model time" },
  { name: "system calls", doc: "that came to their end, per ms of model time" },
  { name: "lockbreaks", doc: "i_mmap_lock was dropped in the middle of an unmapping" },
  { name: "restarts", doc: "the search for vmas began anew after a lockbreak" },
  { name: "rescans", doc: "vmas that were looked at again after a restart, and skipped" },
  { name: "TLB flushes", doc: "of gathered pages" },
  { name: "context switches", doc: "a CPU switched to another task" },
  { name: "wakeup of TASK", doc: "from when an urgent task could run to when it had its CPU" },
  { name: "LOCK held", doc: "from having a lock to releasing it; i_mmap_mutex of 3.0 stands with i_mmap_lock" },
  { name: "LOCK waited for", doc: "from finding a lock held to having it" },
  { name: "CALL", doc: "from entering a system call to leaving it" },
])}
max is the longest of so many times; 99 of 100 took no longer than p99. Histograms count them by steps of 1, 2, 5, 10, …; a bar is
their part of all. The times in /proc/lock_stat are microseconds. Exploring a scenario with large files takes long: --executions 0.
`;

const EXPLORE_NOTES =
  "An execution is one schedule of the tasks. A preemption is a switch to another task while the running one is enabled. " +
  "Model time is\nfrozen: a task that sleeps or starts later is enabled at once.\n";

export const CLI_COMMANDS: readonly CommandSpec[] = [
  {
    name: "run",
    files: "FILE",
    doc: "runs a scenario and prints its timeline and a summary",
    options: [
      { name: "json", doc: "print one JSON document instead (docs/run-json.md)" },
      { name: "events", value: "KIND,…", doc: "show these events only; 'all' shows all, 'none' none" },
      { name: "max-events", value: "N", doc: "show at most N events (10000); the summary counts all" },
      ...RUN_OPTIONS,
    ],
    notes: () =>
      `${helpSection("Kernels", KERNELS)}\n${helpSection(
        "Events",
        Object.entries(TRACEPOINTS).map(([name, doc]) => ({ name, doc })),
      )}\n${exitCodes(RUN_CODES)}`,
  },
  {
    name: "check",
    files: "FILE…",
    doc: "looks for mistakes in scenarios",
    options: [LIMIT_MEMORY],
    notes: () => exitCodes({ [EXIT.ok]: "they can be run" }),
  },
  {
    name: "step",
    files: "FILE",
    doc: "steps through a scenario, forwards and backwards",
    options: [
      { name: "command", value: "TEXT", repeats: true, doc: "execute this command and end; may be given several times" },
      ...RUN_OPTIONS,
    ],
    notes: () => "Commands are read from standard input; 'help' lists them.\n",
  },
  {
    name: "explore",
    files: "FILE",
    doc: "looks for an interleaving of a scenario's tasks that breaks the kernel",
    options: [
      { name: "kernel", value: "NAME", repeats: true, doc: "search on this kernel instead of the scenario's; may be given several times" },
      { name: "preemptions", value: "N", doc: "the preemption bound (the scenario's, or 2); with staged and dfs only" },
      { name: "policy", value: "NAME", doc: "how to search, see below (staged)" },
      { name: "executions", value: "N", doc: "stop after N executions on each kernel (200000)" },
      { name: "time", value: "T", doc: "stop after T of real time on each kernel: 20ms, 10s (no limit)" },
      { name: "workers", value: "N", doc: "search with N threads (1); what is found is the same, and dpor and dfs are no faster" },
      { name: "state", value: "FILE", doc: "write checkpoints of the search to FILE, and resume from there" },
      { name: "shard", value: "I/N", doc: "search shard I of N only, for 'lockbreak merge'; with staged only" },
      { name: "json", doc: "print one JSON document instead (docs/explore-json.md)" },
    ],
    notes: () =>
      `${EXPLORE_NOTES}\n${helpSection("Policies", POLICY_DOCS)}\n${helpSection("Kernels", KERNELS)}\n${exitCodes(SEARCH_CODES)}`,
  },
  {
    name: "compare",
    files: "FILE",
    doc: "runs and explores a scenario on several kernels, and shows them side by side",
    options: [
      { name: "kernel", value: "NAME", repeats: true, doc: "compare this kernel; to be given several times (all)" },
      { name: "executions", value: "N", doc: "give the explorer N executions for each; 0: do not explore (200)" },
      { name: "json", doc: "print one JSON document instead (docs/compare.md)" },
      LIMIT_MEMORY,
    ],
    notes: () =>
      `${COMPARE_NOTES}\n${helpSection("Kernels", KERNELS)}\n${exitCodes({ [EXIT.ok]: "the comparison was made, whatever it says" })}`,
  },
  {
    name: "merge",
    files: "FILE…",
    doc: "merges the JSON documents of all shards of a search",
    options: [{ name: "json", doc: "print one JSON document again" }],
    notes: () => exitCodes(SEARCH_CODES),
  },
];

/** Servers for editors. They parse and document their own arguments. */
export const SERVERS = [
  { name: "debug-adapter", usage: "[--port N]", doc: "serves the Debug Adapter Protocol to other editors" },
  { name: "language-server", usage: "--stdio", doc: "serves the Language Server Protocol to other editors" },
] as const;

/** The parsed command line. */
export type CliRequest =
  | { readonly kind: "server"; readonly name: (typeof SERVERS)[number]["name"]; readonly args: readonly string[] }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" }
  | { readonly kind: "command"; readonly name: string; readonly files: readonly string[]; readonly options: CliOptions };

/** The options given, by name. */
export class CliOptions {
  constructor(private readonly given: ReadonlyMap<string, readonly string[]>) {}

  /** Was the option given? */
  has(name: string): boolean {
    return this.given.has(name);
  }

  /** The value of an option that is given once. */
  get(name: string): string | undefined {
    return this.given.get(name)?.[0];
  }

  /** All values of an option that may be given several times, in order. */
  all(name: string): readonly string[] {
    return this.given.get(name) ?? [];
  }

  /** A whole number from 1 on. */
  number(name: string): number | undefined {
    const text = this.get(name);
    if (text === undefined) return undefined;
    const value = Number(text.replaceAll("_", ""));
    if (!/^[\d_]+$/.test(text) || !Number.isSafeInteger(value) || value < 1) throw cliErrors.badNumber(`--${name}`, text);
    return value;
  }

  /** A size, in bytes. */
  size(name: string): number | undefined {
    const text = this.get(name);
    if (text === undefined) return undefined;
    const value = parseSize(text);
    if (value === null) throw cliErrors.badSize(`--${name}`, text);
    return value;
  }

  /** A whole number from 0 on. */
  count(name: string): number | undefined {
    const text = this.get(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw cliErrors.badCount(`--${name}`, text);
    return value;
  }

  /** A time, in nanoseconds. */
  time(name: string): number | undefined {
    const text = this.get(name);
    if (text === undefined) return undefined;
    const match = /^(\d[\d_]*)(ns|us|µs|ms|s)$/.exec(text);
    const value = match === null ? NaN : Number(match[1]!.replaceAll("_", "")) * UNITS[match[2]!]!;
    if (!Number.isSafeInteger(value) || value < 1) throw cliErrors.badTime(`--${name}`, text);
    return value;
  }
}

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };

/** Parses the arguments. Throws a UserError if they are invalid. */
export function parseArguments(args: readonly string[]): CliRequest {
  const [first, ...rest] = args;
  if (first === undefined || first === "--help" || first === "-h" || first === "help") return { kind: "help", text: generalHelp() };
  if (first === "--version" || first === "-V") return { kind: "version" };
  if (first.startsWith("-")) throw cliErrors.unknownOption(first, "", didYouMean(nearestName(first, ["--help", "--version"])));
  const server = SERVERS.find(({ name }) => name === first);
  if (server !== undefined) return { kind: "server", name: server.name, args: rest };
  const command = CLI_COMMANDS.find(({ name }) => name === first);
  if (command === undefined) {
    throw cliErrors.unknownCommand(
      first,
      didYouMean(
        nearestName(
          first,
          [...CLI_COMMANDS, ...SERVERS].map(({ name }) => name),
        ),
      ),
    );
  }
  return parseCommand(command, rest);
}

function parseCommand(command: CommandSpec, args: readonly string[]): CliRequest {
  const options = Object.fromEntries(
    command.options.map(({ name, value }) => [name, { type: value === undefined ? ("boolean" as const) : ("string" as const) }]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const given = new Map<string, string[]>();
  const files: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") files.push(token.value);
    if (token.kind !== "option") continue;
    if (token.name === "help" || token.name === "h") return { kind: "help", text: commandHelp(command) };
    const spec = command.options.find(({ name }) => name === token.name);
    if (spec === undefined || !token.rawName.startsWith("--")) {
      const near = nearestName(
        token.rawName,
        command.options.map(({ name }) => `--${name}`),
      );
      throw cliErrors.unknownOption(token.rawName, `${command.name} `, didYouMean(near));
    }
    const before = given.get(spec.name) ?? [];
    if (before.length > 0 && spec.value !== undefined && spec.repeats !== true) throw cliErrors.givenTwice(`--${spec.name}`, command.name);
    given.set(spec.name, [...before, valueOf(spec, token)]);
  }
  if (files.length === 0) throw command.name === "merge" ? cliErrors.noParts() : cliErrors.missingFile(command.name);
  if (command.files === "FILE" && files.length > 1) throw cliErrors.surplusFile(files[1]!, command.name);
  return { kind: "command", name: command.name, files, options: new CliOptions(given) };
}

function valueOf(
  spec: OptionSpec,
  token: { readonly rawName: string; readonly value: string | undefined; readonly inlineValue: boolean | undefined },
): string {
  if (spec.value === undefined) {
    if (token.value !== undefined) throw cliErrors.surplusValue(token.rawName);
    return "";
  }
  if (token.value === undefined || token.value === "" || (token.inlineValue !== true && token.value.startsWith("-")))
    throw cliErrors.missingValue(token.rawName, spec.value);
  return token.value;
}

function generalHelp(): string {
  const commands = [
    ...CLI_COMMANDS.map(({ name, files, doc }) => ({ name: `lockbreak ${name} ${files}`, doc })),
    ...SERVERS.map(({ name, usage, doc }) => ({ name: `lockbreak ${name} ${usage}`, doc })),
    { name: "lockbreak COMMAND --help", doc: "prints the help of a command" },
    { name: "lockbreak --version", doc: "prints the version" },
  ];
  return `Lockbreak runs a model of the Linux 2.6 truncation path as a program that can be debugged.

${helpSection("Commands", commands)}
${exitCodes(RUN_CODES)}`;
}

function commandHelp({ name, files, doc, options, notes }: CommandSpec): string {
  const list = options.map((option) => ({
    name: `--${option.name}${option.value === undefined ? "" : ` ${option.value}`}`,
    doc: option.doc,
  }));
  const usage = `lockbreak ${name} ${files}${list.length > 0 ? " [OPTIONS]" : ""}`;
  const optionHelp = list.length > 0 ? `${helpSection("Options", list)}\n` : "";
  return `${usage}: ${doc}\n\n${optionHelp}${notes()}`;
}

/** A titled list of words and what they mean. */
function helpSection(title: string, entries: readonly { readonly name: string; readonly doc: string }[]): string {
  const width = Math.max(...entries.map(({ name }) => name.length));
  return `${title}\n${entries.map(({ name, doc }) => `  ${name.padEnd(width)}  ${doc}\n`).join("")}`;
}
