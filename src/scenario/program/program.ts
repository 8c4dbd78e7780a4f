// A checked scenario as plain data: what the parser and checker hand to whoever runs, lists or draws it.
// Numbers are in base units: bytes, nanoseconds, or plain. Every node carries the range of the text it came from.

import type { Arch } from "../../engine/kernel/common/arch.ts";
import type { SafeguardName } from "../../engine/kernel/safeguards.ts";

/** A stretch of source text. Lines and columns count from 1; the end is just behind the last character. */
export interface Range {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export type UnaryOperator = "-" | "+" | "!" | "~";

export type BinaryOperator =
  | "*" | "/" | "%" | "+" | "-" | "<<" | ">>" | "<" | "<=" | ">" | ">=" | "==" | "!=" | "&" | "^" | "|" | "&&" | "||";

export type NumberUnit = "plain" | "size" | "time";

export type Expr =
  | { readonly kind: "number"; readonly value: number; readonly unit: NumberUnit; readonly range: Range }
  | { readonly kind: "text"; readonly value: string; readonly range: Range }
  | { readonly kind: "name"; readonly name: string; readonly range: Range }
  | { readonly kind: "member"; readonly object: Expr; readonly name: string; readonly nameRange: Range; readonly range: Range }
  | { readonly kind: "index"; readonly object: Expr; readonly index: Expr; readonly range: Range }
  /** `V[from .. to]`: the bytes of a mapping from one offset up to, not including, another. */
  | { readonly kind: "slice"; readonly object: Expr; readonly from: Expr; readonly to: Expr; readonly range: Range }
  | { readonly kind: "call"; readonly name: string; readonly args: Arguments; readonly range: Range; readonly nameRange: Range }
  /** A system call for its value: in a `let` or an `if` it is made, in a check it stands for what the last such call returned. */
  | ({ readonly kind: "syscall" } & CallNode)
  /** A byte range of a file as an argument, `4K .. 8K`. */
  | { readonly kind: "bytes"; readonly from: Expr; readonly to: Expr; readonly range: Range }
  | { readonly kind: "unary"; readonly operator: UnaryOperator; readonly operand: Expr; readonly range: Range }
  | { readonly kind: "binary"; readonly operator: BinaryOperator; readonly left: Expr; readonly right: Expr; readonly range: Range }
  | { readonly kind: "conditional"; readonly test: Expr; readonly then: Expr; readonly otherwise: Expr; readonly range: Range }
  /** Flag words of a system call's argument, `read|write`. */
  | { readonly kind: "flags"; readonly flags: readonly string[]; readonly range: Range }
  /** Where a mistake was reported. A Program that is handed out contains none. */
  | { readonly kind: "invalid"; readonly range: Range };

/** A system call, or what user code does: an entry of the catalogue with its arguments. */
export interface CallNode {
  readonly call: string;
  readonly args: Arguments;
  readonly range: Range;
}

/** Arguments by parameter name; an argument that was left out and has no fixed default is absent. */
export type Arguments = Readonly<Record<string, Expr>>;

/** `site` numbers the statements of a program from 0 in the order of the text. */
export type Statement =
  /** `result`: the mapping or process variable that takes what the call makes. */
  | ({ readonly kind: "call"; readonly site: number; readonly result: string | null } & CallNode)
  /** `range` of a statement with a body is that of its head. `count` null repeats for ever. */
  | { readonly kind: "repeat"; readonly site: number; readonly count: Expr | null; readonly body: Body; readonly range: Range }
  | { readonly kind: "every"; readonly site: number; readonly period: Expr; readonly count: Expr; readonly body: Body; readonly range: Range }
  | { readonly kind: "if"; readonly site: number; readonly test: Expr; readonly body: Body; readonly range: Range }
  | { readonly kind: "let"; readonly site: number; readonly name: string; readonly nameRange: Range; readonly value: Expr; readonly range: Range }
  | { readonly kind: "stop"; readonly site: number; readonly range: Range };

export type Body = readonly Statement[];

/** A name and where it stands. */
export interface Named {
  readonly name: string;
  readonly nameRange: Range;
  /** The whole declaration. */
  readonly range: Range;
}

export interface MachineSettings {
  /** 1 to 64. */
  readonly cpus: number;
  readonly arch: Arch["name"];
  readonly preempt: boolean;
  /** Timer ticks per second of model time. */
  readonly hz: number;
  readonly seed: number;
  /** Null: as the kernel has it that runs. */
  readonly break_lock: "sticky" | "cleared" | null;
  /** The safeguard that the kernel has to do without, or null. */
  readonly without: SafeguardName | null;
  /** Overridden costs in nanoseconds, by name of the cost table. */
  readonly costs: Readonly<Record<string, number>>;
}

/** How far a search for a bad interleaving looks. */
export interface ExploreSettings {
  /** Executions with more preemptions are left out. */
  readonly preemptions: number;
  /** Timer ticks that may come in an execution. */
  readonly ticks: number;
  /** Visible operations after which an execution is cut. */
  readonly steps: number;
}

export interface ScenarioFile extends Named {
  /** Bytes, at least 1. */
  readonly size: number;
  /** What truncate_count starts from, 0 to 2^32 - 1. */
  readonly truncate_count: number;
}

export interface ScenarioProcess extends Named {
  /** Number of like processes `name[0]` …, or null for one process that is called by its plain name. */
  readonly count: number | null;
  readonly body: Body;
}

export interface ScenarioTask extends Named {
  readonly process: { readonly name: string; readonly index: number | null; readonly range: Range; readonly indexRange: Range | null };
  readonly cpu: number;
  /** 0 (most urgent) to 139; null for the default. */
  readonly priority: number | null;
  /** Model time at which it starts, in nanoseconds. */
  readonly at: number;
  readonly body: Body;
}

export interface Trigger {
  readonly event: string;
  /** The file, lock, process or task the event must be about; null for any. */
  readonly object: Expr | null;
  /** Act at the n-th such event only, from 1; null for each. */
  readonly occurrence: number | null;
  readonly where: Expr | null;
  readonly body: Body;
  readonly range: Range;
}

export interface Force {
  readonly function: "need_resched" | "need_lockbreak";
  /** The lock asked about; null for any. */
  readonly lock: Expr | null;
  /** Call numbers from 1, half-open: { from: 4, to: 6 } are calls 4 and 5. Sorted, disjoint. */
  readonly calls: readonly { readonly from: number; readonly to: number }[];
  readonly range: Range;
}

export interface Check {
  readonly kind: "always" | "finally" | "never" | "after";
  /** The task of `after`. */
  readonly task: string | null;
  readonly taskRange: Range | null;
  readonly condition: Expr;
  /** The whole check as it was written, for reports. */
  readonly text: string;
  readonly range: Range;
}

/** `expect bug CODE`: the run is to end in this finding; it is what the scenario shows. */
export interface Expectation {
  readonly kind: "expect";
  readonly code: string;
  /** As it was written, for reports. */
  readonly text: string;
  readonly range: Range;
}

export interface Program {
  readonly uri: string;
  readonly kernel: string;
  readonly machine: MachineSettings;
  readonly explore: ExploreSettings;
  readonly files: readonly ScenarioFile[];
  readonly processes: readonly ScenarioProcess[];
  readonly tasks: readonly ScenarioTask[];
  readonly triggers: readonly Trigger[];
  readonly forces: readonly Force[];
  readonly checks: readonly Check[];
  readonly expected: Expectation | null;
  /** How many statements (sites) there are. */
  readonly sites: number;
}
