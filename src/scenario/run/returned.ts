// What system calls returned, for checks that ask: `check after churn munmap(V[1 .. 5]) == -EINVAL`.

import { AddressSpace, MmStruct } from "../../engine/kernel/common/mm_types.ts";
import { calls } from "../catalogue/index.ts";
import type { Value } from "../program/expression.ts";
import type { Program } from "../program/program.ts";
import { callsIn } from "../program/statements.ts";
import { Mapping, Span, unwrap } from "./values.ts";

type Arguments = Readonly<Record<string, Value>>;

export class Returned {
  private readonly results = new Map<string, number>();
  /** The calls that the program's checks ask about; no others are kept. */
  private readonly asked: ReadonlySet<string>;

  constructor({ checks }: Program) {
    this.asked = new Set(checks.flatMap(({ condition }) => callsIn(condition).map(({ call }) => call)));
  }

  /** No call was made yet. */
  forget(): void {
    this.results.clear();
  }

  record(call: string, args: Arguments, result: number): void {
    if (this.asked.has(call)) this.results.set(key(call, args), result);
  }

  /** What the last call with these arguments returned; undefined if there was none. */
  last(call: string, args: Arguments): number | undefined {
    return this.results.get(key(call, args));
  }
}

function key(call: string, args: Arguments): string {
  return `${call}(${calls.get(call)!.parameters.map(({ name }) => show(args[name])).join(", ")})`;
}

function show(value: Value | undefined): string {
  if (value === undefined) return "";
  // Flags may be written in any order.
  if (typeof value === "string") return value.split("|").sort().join("|");
  if (value instanceof Mapping) return show(new Span(value, value.start, value.start + value.bytes));
  // By the variable, which may hold another range by now.
  if (value instanceof Span) return `${value.mapping.name}[${value.start - value.mapping.start} .. ${value.end - value.mapping.start}]`;
  const object = unwrap(value);
  if (object instanceof AddressSpace) return object.host.name;
  return object instanceof MmStruct ? `mm ${object.id}` : String(object);
}
