// The arguments of a call while it is made: expressions evaluated, and as what the kernel's functions take.

import { File } from "../../engine/kernel/common/mm_types.ts";
import { ByteRange, type Value } from "../program/expression.ts";
import type { CallNode, Expr } from "../program/program.ts";
import type { CallArguments } from "./calls.ts";
import type { Simulation } from "./simulation.ts";
import { Mapping, ProcessValue, Span } from "./values.ts";

/** @param wrong makes the error of an argument that is not what it should be */
export function callArguments(simulation: Simulation, { args }: CallNode, values: Readonly<Record<string, Value>>, wrong: (expr: Expr, why: string) => Error): CallArguments {
  const refuse = (name: string, wanted: string): Error => wrong(args[name]!, `'${name}' is not ${wanted}`);
  const fileOrNull = (name: string): File | null => {
    const value = values[name] ?? null;
    if (value === null) return null;
    const file = simulation.fileOf(value);
    if (file instanceof File) return file;
    throw refuse(name, "a file");
  };
  return {
    fileOrNull: fileOrNull,
    file(name) {
      const file = fileOrNull(name);
      if (file === null) throw refuse(name, "a file");
      return file;
    },
    process(name) {
      const value = values[name];
      if (value === undefined) return null;
      if (value instanceof ProcessValue) return value.process;
      throw refuse(name, "a process");
    },
    number(name) {
      const value = values[name];
      if (typeof value === "number") return value;
      throw refuse(name, "a number");
    },
    optional(name) {
      const value = values[name];
      return typeof value === "number" ? value : null;
    },
    span(name) {
      const value = values[name];
      if (value instanceof Mapping) return new Span(value, value.start, value.start + value.bytes);
      if (value instanceof Span) return value;
      throw refuse(name, "a mapping or a range of one");
    },
    bytes(name) {
      const value = values[name];
      return value instanceof ByteRange ? value : null;
    },
    barrier: (name) => simulation.barriers.get(String(values[name] ?? ""))!,
    flags(name) {
      const expr = args[name];
      return expr?.kind === "flags" ? expr.flags : [];
    },
  };
}
