// Binds the evaluated arguments of an invocation to the types that kernel functions take.

import { File } from "../../engine/kernel/common/mm_types.ts";
import { ByteRange, type Value } from "../program/expression.ts";
import type { CallNode, Expr } from "../program/program.ts";
import type { BoundArguments } from "./invocations.ts";
import type { Simulation } from "./simulation.ts";
import { Mapping, ProcessValue, MappingRange } from "./values.ts";

/** @param argumentError makes the error of an argument that is not what it should be */
export function bindArguments(
  simulation: Simulation,
  { args }: CallNode,
  values: Readonly<Record<string, Value>>,
  argumentError: (expr: Expr, why: string) => Error,
): BoundArguments {
  const typeError = (name: string, wanted: string): Error => argumentError(args[name]!, `'${name}' is not ${wanted}`);
  const fileOrNull = (name: string): File | null => {
    const value = values[name] ?? null;
    if (value === null) return null;
    const file = simulation.fileOf(value);
    if (file instanceof File) return file;
    throw typeError(name, "a file");
  };
  return {
    fileOrNull,
    file(name) {
      const file = fileOrNull(name);
      if (file === null) throw typeError(name, "a file");
      return file;
    },
    process(name) {
      const value = values[name];
      if (value === undefined) return null;
      if (value instanceof ProcessValue) return value.process;
      throw typeError(name, "a process");
    },
    number(name) {
      const value = values[name];
      if (typeof value === "number") return value;
      throw typeError(name, "a number");
    },
    optionalNumber(name) {
      const value = values[name];
      return typeof value === "number" ? value : null;
    },
    mappingRange(name) {
      const value = values[name];
      if (value instanceof Mapping) return new MappingRange(value, value.start, value.start + value.bytes);
      if (value instanceof MappingRange) return value;
      throw typeError(name, "a mapping or a range of one");
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
