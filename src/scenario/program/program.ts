// A checked scenario as plain data: the AST that the front end hands to the interpreter, the debugger and the views.
// Numbers are in base units: bytes, nanoseconds, or plain. Every node carries the range of the text it came from.

import type { Arch } from "../../engine/kernel/common/arch.ts";
import type { AblationName } from "../../engine/kernel/ablations.ts";

/** A stretch of source text. Lines and columns count from 1; the end is just behind the last character. */
export interface Range {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export type UnaryOperator = "-" | "+" | "!" | "~";

export type BinaryOperator =
  "*" | "/" | "%" | "+" | "-" | "<<" | ">>" | "<" | "<=" | ">" | ">=" | "==" | "!=" | "&" | "^" | "|" | "&&" | "||";

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
  /** The flags of an argument of a system call, `read|write`. */
  | { readonly kind: "flags"; readonly flags: readonly string[]; readonly range: Range }
  /** Where a mistake was reported. A Program that is handed out contains none. */
  | { readonly kind: "invalid"; readonly range: Range };

/** A system call, or an action of user code: an entry of the catalogue with its arguments. */
export interface CallNode {
  readonly call: string;
  readonly args: Arguments;
  readonly range: Range;
}

/** Arguments by parameter name; an omitted argument without a fixed default is absent. */
export type Arguments = Readonly<Record<string, Expr>>;

/** `site` numbers the statements of a program from 0 in the order of the text. */
export type Statement =
  /** `result`: the mapping or process variable that the call assigns. */
  | ({ readonly kind: "call"; readonly site: number; readonly result: string | null } & CallNode)
  /** `range` of a statement with a body is that of its head. `count` null repeats for ever. */
  | { readonly kind: "repeat"; readonly site: number; readonly count: Expr | null; readonly body: Body; readonly range: Range }
  | {
      readonly kind: "every";
      readonly site: number;
      readonly period: Expr;
      readonly count: Expr;
      readonly body: Body;
      readonly range: Range;
    }
  | { readonly kind: "if"; readonly site: number; readonly test: Expr; readonly body: Body; readonly range: Range }
  | {
      readonly kind: "let";
      readonly site: number;
      readonly name: string;
      readonly nameRange: Range;
      readonly value: Expr;
      readonly range: Range;
    }
  | { readonly kind: "stop"; readonly site: number; readonly range: Range };

export type Body = readonly Statement[];

/** A declaration with a name. */
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
  /** Null: the behaviour of the kernel that runs. */
  readonly break_lock: "sticky" | "cleared" | null;
  /** The ablation: the guard that is disabled in the kernel, or null. */
  readonly without: AblationName | null;
  /** Overridden costs in nanoseconds, by name of the cost table. */
  readonly costs: Readonly<Record<string, number>>;
}

/** The bounds of a search for interleavings that violate a check. */
export interface ExploreSettings {
  /** The preemption bound: executions with more preemptions are not explored. */
  readonly preemptions: number;
  /** The most timer ticks in an execution. */
  readonly ticks: number;
  /** Visible operations after which an execution is truncated at the bound. */
  readonly steps: number;
}

export interface ScenarioFile extends Named {
  /** Bytes, at least 1. */
  readonly size: number;
  /** The initial truncate_count, 0 to 2^32 - 1. */
  readonly truncate_count: number;
}

export interface ScenarioProcess extends Named {
  /** The length of the array of processes `name[0]` …, or null for a single process that is named without an index. */
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
  /** The file, lock, process or task that the event must concern; null for any. */
  readonly object: Expr | null;
  /** The trigger acts at the n-th such event only, from 1; null for each. */
  readonly occurrence: number | null;
  readonly where: Expr | null;
  readonly body: Body;
  readonly range: Range;
}

export interface Force {
  readonly function: "need_resched" | "need_lockbreak";
  /** The lock that the kernel checks; null for any. */
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

/** `expect bug CODE`: the scenario demonstrates this finding, so the run is to end in it. */
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
  /** The number of statements, and so of sites. */
  readonly sites: number;
}
