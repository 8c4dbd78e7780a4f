// The rules of diagnostics about arguments and the types of values.

import { defineRule, quote } from "./diagnostic-rules.ts";

export const valueProblems = {
  missingArgument: defineRule(
    "VMSCN050",
    "error",
    "missing argument",
    (name: string, form: string) => `The argument ${quote(name)} is missing. Write: ${form}`,
  ),
  tooManyArguments: defineRule("VMSCN051", "error", "too many arguments", (form: string) => `There are too many arguments. Write: ${form}`),
  argumentTwice: defineRule("VMSCN052", "error", "argument given twice", (name: string) => `The argument ${quote(name)} is already given.`),
  positionalAfterNamed: defineRule(
    "VMSCN053",
    "error",
    "unnamed argument behind a named one",
    () => "Behind a named argument all must be named.",
  ),
  wrongType: defineRule(
    "VMSCN054",
    "error",
    "wrong type of value",
    (expected: string, found: string) => `This must be ${expected}, not ${found}.`,
  ),
  timeWithoutUnit: defineRule("VMSCN055", "error", "time without a unit", (text: string) => `A time needs a unit: ${text}us, ${text}ms …`),
  callAsValue: defineRule(
    "VMSCN056",
    "error",
    "call without a value used as one",
    (name: string) => `${quote(name)} returns nothing: it is a statement of its own, not part of an expression.`,
  ),
  functionAsStatement: defineRule(
    "VMSCN057",
    "error",
    "function used as a statement",
    (name: string) => `${quote(name)} is a function and does nothing by itself: use it in a check, an 'if' or a 'let'.`,
  ),
  noResult: defineRule(
    "VMSCN058",
    "error",
    "assignment of something other than a mapping or a process",
    () =>
      "Only what mmap and mremap (a mapping) or fork (a process) make can be assigned like this. For other values " +
      "write 'let name = value'.",
  ),
  notHere: defineRule(
    "VMSCN059",
    "error",
    "statement not possible here",
    (what: string, where: string, wayOut: string) => `${quote(what)} is not possible ${where}: ${wayOut}.`,
  ),
  needsIndex: defineRule(
    "VMSCN060",
    "error",
    "process array without an index",
    (name: string, count: number) => `${quote(name)} is an array of ${count} processes: say which, ${name}[0] to ${name}[${count - 1}].`,
  ),
  noIndex: defineRule("VMSCN061", "error", "index on something that is not an array", (what: string) => `${what} cannot be indexed.`),
  notConstant: defineRule(
    "VMSCN062",
    "error",
    "value not known beforehand",
    (what: string) => `${what} must be known before the run: use numbers only.`,
  ),
  incomparable: defineRule(
    "VMSCN063",
    "error",
    "operands do not go together",
    (left: string, operator: string, right: string) => `${left} and ${right} do not go together with '${operator}'.`,
  ),
  rangeNotHere: defineRule(
    "VMSCN064",
    "error",
    "range where one value is due",
    () => "A range 'a .. b' is only possible in V[a .. b], and where a call takes bytes of a file.",
  ),
  callNotHere: defineRule(
    "VMSCN065",
    "error",
    "system call where none can be made",
    (name: string) => `${quote(name)} is a system call: its result can be used in a 'let' or an 'if', and in a check 'finally' or 'after'.`,
  ),

  notPrivate: defineRule(
    "VMSCN066",
    "error",
    "shared memory without a file",
    () => "Memory without a file is private: add 'flags: private'.",
  ),
} as const;
