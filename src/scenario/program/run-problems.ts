// The rules of diagnostics about the evaluation of expressions, and the set-up of processes.

import { defineRule, quote } from "./diagnostic-rules.ts";

export const runProblems = {
  // Reported while an expression is evaluated
  divisionByZero: defineRule("VMSCN090", "error", "division by zero", () => "Division by zero."),
  overflow: defineRule("VMSCN091", "error", "result too large", () => "The result is too large: numbers are exact up to 2^53."),
  noValue: defineRule(
    "VMSCN092",
    "error",
    "operand is not a number",
    (operator: string, found: string) => `'${operator}' needs numbers, not ${found}.`,
  ),
  nullAccess: defineRule(
    "VMSCN093",
    "error",
    "field of NULL",
    (name: string) => `Cannot read ${quote(name)}: there is no object here (NULL).`,
  ),
  noFields: defineRule(
    "VMSCN094",
    "error",
    "field of something without fields",
    (what: string, name: string) => `Cannot read ${quote(name)}: ${what} has no fields.`,
  ),
  badIndex: defineRule(
    "VMSCN095",
    "error",
    "index out of range",
    (index: string, length: number) => `The index ${index} is out of range: there are ${length} elements.`,
  ),
  notIndexable: defineRule("VMSCN096", "error", "not an array", (what: string) => `${what} has no elements.`),
  badShift: defineRule("VMSCN097", "error", "shift count out of range", () => "The shift count must be from 0 to 63."),
  notSliceable: defineRule("VMSCN098", "error", "not a mapping", (what: string) => `Only a mapping has byte ranges; this is ${what}.`),
  notEvaluated: defineRule("VMSCN099", "error", "cannot be evaluated", (why: string) => `This cannot be evaluated: ${why}.`),

  // Reported while the processes are set up
  setupFailed: defineRule(
    "VMSCN100",
    "error",
    "set-up that the kernel refuses",
    (call: string, error: string) =>
      `${quote(call)} fails with ${error} here: the set-up of a process must succeed. Make the call in a task to see it fail.`,
  ),
} as const;
