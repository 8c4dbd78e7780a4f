// The results of system calls, for checks that refer to them: `check after churn munmap(V[1 .. 5]) == -EINVAL`.

import { AddressSpace, MmStruct } from "../../engine/kernel/common/mm_types.ts";
import { callsByName } from "../catalogue/index.ts";
import type { Value } from "../program/expression.ts";
import type { Program } from "../program/program.ts";
import { callsIn } from "../program/traversal.ts";
import { Mapping, MappingRange } from "./values.ts";
import { unwrap } from "./kernel-values.ts";

type ArgumentValues = Readonly<Record<string, Value>>;

export class SyscallResults {
  private readonly results = new Map<string, number>();
  /** The calls that checks refer to; the results of others are not recorded. */
  private readonly observedCalls: ReadonlySet<string>;

  constructor({ checks }: Program) {
    this.observedCalls = new Set(checks.flatMap(({ condition }) => callsIn(condition).map(({ call }) => call)));
  }

  /** Forgets all results. */
  clear(): void {
    this.results.clear();
  }

  record(call: string, args: ArgumentValues, result: number): void {
    if (this.observedCalls.has(call)) this.results.set(callKey(call, args), result);
  }

  /** The result of the last call with these arguments; undefined if there was none. */
  last(call: string, args: ArgumentValues): number | undefined {
    return this.results.get(callKey(call, args));
  }
}

function callKey(call: string, args: ArgumentValues): string {
  return `${call}(${callsByName
    .get(call)!
    .parameters.map(({ name }) => argumentKey(args[name]))
    .join(", ")})`;
}

function argumentKey(value: Value | undefined): string {
  if (value === undefined) return "";
  // Flags may be written in any order.
  if (typeof value === "string") return value.split("|").sort().join("|");
  if (value instanceof Mapping) return argumentKey(new MappingRange(value, value.start, value.start + value.bytes));
  // By the variable, which may be bound to another range by now.
  if (value instanceof MappingRange) {
    return `${value.mapping.name}[${value.start - value.mapping.start} .. ${value.end - value.mapping.start}]`;
  }
  const object = unwrap(value);
  if (object instanceof AddressSpace) return object.host.name;
  return object instanceof MmStruct ? `mm ${object.id}` : String(object);
}
