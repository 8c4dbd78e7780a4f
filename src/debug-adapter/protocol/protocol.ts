// What the adapter adds to the Debug Adapter Protocol: launch arguments, and the custom requests and events `lockbreak/…`, which any
// client may use. Of the adapter, the extension imports only the files of this folder.

/** The number of the error that a `launch` is answered with if the scenario is invalid. */
export const INVALID_SCENARIO_ERROR = 1003;

/** The arguments of a `launch` request: those of a launch configuration, and those that the extension adds. */
export interface LaunchArguments {
  /** The scenario: a path or a URI. */
  readonly program: string;
  /** Run this kernel, not the one that the scenario names. */
  readonly kernel?: string;
  /** Stop before the first statement of the set-up. */
  readonly stopOnEntry?: boolean;
  /** Stop when the run has ended, to go backwards from there. Default true; without debugging, false. */
  readonly stopAtEnd?: boolean;
  readonly noDebug?: boolean;
  /** Which task executes when: a schedule as `lockbreak explore` prints it. It names the kernel, too. */
  readonly schedule?: string;
  /** The number of CPUs, 1 to 64, instead of that of the scenario. */
  readonly cpus?: number;
  /** The seed of random decisions, instead of that of the scenario. */
  readonly seed?: number;
  /**
   * Where to stop first: behind an event (its number, or "event 412"), at a step ("step 5000"), at a model time ("1ms"), or
   * where the first check fails ("failure"), which is the end if none does.
   */
  readonly stopAt?: number | string;
  /**
   * What schedules the tasks, without a schedule: "timed", the default, the clocks of the CPUs; "random" or "pct", random decisions
   * from `seed`.
   */
  readonly policy?: "timed" | "random" | "pct";
  /**
   * `memory`: how much a scenario may need, as estimated before it runs: `512M`, `4G`; default 2G. Beyond the others the run
   * ends: statements, model time ("10ms" or nanoseconds), pages in use.
   */
  readonly limits?: { readonly memory?: string; readonly steps?: number; readonly time?: number | string; readonly pages?: number };
  /** Tracepoints that are printed as the run passes them: a list of names, "all", or true for the most important ones. */
  readonly trace?: boolean | string | readonly string[];
  /** The text of `program`, if it is a document that is not saved; otherwise the adapter reads the file. */
  readonly text?: string;
  /**
   * Where the client finds the kernel's sources: a base such as `lockbreak-kernel:/`, below which are `common/memory.ts`,
   * `vmtrunc4/memory.ts`. Without it the adapter names the files that are shipped with it.
   */
  readonly kernelSources?: string;
}

/** Where the execution has stopped. Body of the event `lockbreak/moved`, sent after every `stopped`. */
export interface ExecutionPosition {
  /** The number of the next statement, from 1. */
  readonly step: number;
  /** Tracepoints passed, and the most that were ever passed in this session. */
  readonly event: number;
  readonly events: number;
  /** Whether the execution was ever followed to its end, so that `events` is final. */
  readonly ended: boolean;
  /** Model time in nanoseconds. */
  readonly time: number;
  /** A later step was visited already. */
  readonly past: boolean;
  /** The reason and the description of the `stopped` event. */
  readonly reason: string;
  readonly description: string;
  readonly threadId: number;
  /** The edits that make this a branch of the recorded execution, in words; none in the recorded one. */
  readonly branch: readonly string[];
}

/**
 * Arguments of the request `lockbreak/checkProgram`: has the text of the scenario changed since the launch? A message tells the
 * user so, once. Without `text` the adapter reads the file.
 */
export interface CheckProgramArguments {
  /** The text as the editor has it. */
  readonly text?: string;
}

/** The body of the answer to `lockbreak/checkProgram`. */
export interface CheckProgramResult {
  readonly changed: boolean;
}

/**
 * Arguments of the requests `lockbreak/runNext`, which makes a branch in which the CPU of that thread executes next, and
 * steps it; `lockbreak/continueOnly` and `lockbreak/nextOnly`, which are `continue` and `next` with `singleThread`, for clients
 * that cannot say so: a branch in which only that thread executes up to the next stop. All are answered at once; then
 * `continued` and `stopped` follow.
 */
export interface ThreadArguments {
  readonly threadId: number;
}

/**
 * Arguments of the request `lockbreak/reverse`: a step back that the protocol has no request for. `next` is what
 * `stepBack` does: back to the statement before in this function or in a caller. `stepIn` goes to the last statement
 * executed, in whatever function; `stepOut` to the call of this function. Answered at once; then `continued` and
 * `stopped` follow.
 */
export interface ReverseStepArguments {
  readonly kind: "next" | "stepIn" | "stepOut";
  readonly threadId: number;
}

/**
 * Arguments of the request `lockbreak/goto`: a position in time, named by one of these. Answered at once; then `continued` and
 * `stopped` follow. Breakpoints on the way do not stop.
 */
export interface GotoArguments {
  /** Behind the tracepoint of that number: the first statement after it. */
  readonly event?: number;
  /** Nanoseconds of model time: the first place where a CPU's clock has come so far. */
  readonly time?: number;
  /** Before the statement of that number. */
  readonly step?: number;
  /**
   * Behind the next or the previous tracepoint; or to the previous or the next stop in the history of stops, which is like that
   * of a browser.
   */
  readonly to?: "nextEvent" | "previousEvent" | "nextStop" | "previousStop";
}

/**
 * Arguments of the request `lockbreak/events`, only while stopped: the events of the execution, past and future. The
 * execution does not move.
 */
export interface EventListArguments {
  /** The number of the first one, from 1; default 1. */
  readonly from?: number;
  /** At most that many; default 100, at most 1000. */
  readonly count?: number;
  /** Only those whose tracepoint, task or words contain this, in whatever case. */
  readonly match?: string;
}

/** The body of the answer to `lockbreak/events`. */
export interface EventList {
  /** In the order in which they happen. */
  readonly events: readonly EventRow[];
  /** There are no more up to the end of the run; false also if the end is too far off to search up to it. */
  readonly complete: boolean;
}

export interface EventRow {
  /** Its number, from 1. */
  readonly event: number;
  /** The tracepoint: `lockbreak`. */
  readonly name: string;
  /** Model time in nanoseconds. */
  readonly time: number;
  /** The task that the event is about; empty if there is none. */
  readonly task: string;
  /** In plain words. */
  readonly text: string;
}

/** Arguments of the request `lockbreak/setHex`: whether plain numbers are shown in hexadecimal, too. Addresses always are. */
export interface SetHexArguments {
  readonly hex: boolean;
}

/** Arguments of the request `lockbreak/snapshot`, which the tree views are made from, only while stopped: one part, or several. */
export interface SnapshotArguments extends SnapshotPart {
  /** Vmas by file, in the order in which the kernel visits them; vmas by process, in order of addresses; or locks. */
  readonly view: "files" | "processes" | "locks";
  /** If given, the answer is these parts, in this order, and not the one of `group`, `start` and `count`. */
  readonly parts?: readonly SnapshotPart[];
}

/** A part of a group's rows, or of the view's groups. */
export interface SnapshotPart {
  /** The `id` of a group; without it, the groups themselves are meant. */
  readonly group?: string;
  /** From this one on, from 0; default 0. */
  readonly start?: number;
  /** At most that many; default 100, at most 1000. */
  readonly count?: number;
}

/** The body of the answer to `lockbreak/snapshot`. */
export interface SessionSnapshot extends SnapshotRows {
  readonly position: ExecutionPosition;
  /** Present if `parts` were requested. */
  readonly parts?: readonly SnapshotRows[];
}

/** The contents of a part. */
export interface SnapshotRows {
  /** Present if no `group` was requested. */
  readonly groups?: readonly SnapshotGroup[];
  /** Present with `groups`: how many the view has. */
  readonly total?: number;
  /** Present if a `group` of vmas was requested. */
  readonly vmas?: readonly VmaRow[];
  /** Present if a `group` of locks was requested. */
  readonly locks?: readonly LockRow[];
}

export interface SnapshotGroup {
  /** Stable over steps and sessions. */
  readonly id: string;
  /** The name of a file or a process. Locks are in two groups, those held or wanted and those free. */
  readonly label: string;
  /** How many rows there are. */
  readonly total: number;
  /** Where it is declared in the scenario, from 1; null for what no line declares. */
  readonly line: number | null;
}

/** What unmap_mapping_range has done with a vma; null if there is none in progress for its file, or if the vma is not affected. */
export type VmaState = "not reached" | "being zapped" | "restart point" | "done" | null;

export interface VmaRow {
  /** Unique in its group, and stable over steps. */
  readonly id: string;
  /** Its name in the scenario: `viewer[3].V`. */
  readonly name: string;
  readonly process: string;
  readonly file: string | null;
  readonly vm_start: number;
  readonly vm_end: number;
  /** As in /proc/PID/maps: `rw-s`. */
  readonly flags: string;
  /** In pages. */
  readonly vm_pgoff: number;
  readonly vm_truncate_count: number;
  /** Pages that are mapped in it now. */
  readonly mapped: number;
  readonly pages: number;
  readonly nonlinear: boolean;
  readonly state: VmaState;
  /** Where the kernel resumes this vma after a restart, if a restart point is saved in it. */
  readonly restart_addr: number | null;
  /** The line of the scenario that declares it, from 1. */
  readonly line: number | null;
}

export interface LockRow {
  /** `data.i_mmap_lock`; unique. */
  readonly name: string;
  readonly kind: "i_mmap_lock" | "i_mmap_mutex" | "unmap_mutex" | "page_table_lock" | "pte_lock" | "mmap_sem" | "i_sem" | "page";
  /** The tasks that hold it: several for a semaphore that is held for reading. */
  readonly owners: readonly string[];
  /** Since when it is held, in model nanoseconds; null if it is free. */
  readonly since: number | null;
  /** The tasks that wait, in order. */
  readonly waiters: readonly string[];
  /** How often it was dropped in the middle of unmap_mapping_range for other tasks (i_mmap_lock only). */
  readonly lockbreaks: number;
  /** The longest time for which it was held until its release, in nanoseconds, and the task that held it. */
  readonly longestHold: number;
  readonly longestHoldTask: string | null;
}

/**
 * In a worker, messages of the protocol are posted as they are. Beside them one pair of messages lets the adapter read a
 * file through the extension, whatever file system it is in, and one says that the worker has failed.
 */
export type WorkerMessage =
  | { readonly type: "readFile"; readonly id: number; readonly uri: string }
  | { readonly type: "readFileResult"; readonly id: number; readonly text: string }
  | { readonly type: "readFileResult"; readonly id: number; readonly error: string }
  | { readonly type: "failed"; readonly reason: string };
