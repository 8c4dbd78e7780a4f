// The rules of diagnostics about names: unknown, declared twice, reserved.

import { defineRule, defineUnknownNameRule, quote } from "./diagnostic-rules.ts";

export const nameProblems = {
  unknownName: defineUnknownNameRule("VMSCN030", "unknown name", (name, where) => `${name} is not known ${where}.`),
  duplicate: defineRule(
    "VMSCN031",
    "error",
    "declared twice",
    (what: string, name: string, line: number) => `${what} ${quote(name)} is already declared on line ${line}: choose another name.`,
  ),
  unknownCall: defineUnknownNameRule("VMSCN032", "unknown call or function", (name, what) => `There is no ${what} ${name}.`),
  unknownParameter: defineUnknownNameRule(
    "VMSCN033",
    "unknown parameter",
    (name, form) => `${name} is not a parameter here. Write: ${form}`,
  ),
  unknownEvent: defineUnknownNameRule("VMSCN034", "unknown event", (name) => `There is no event ${name}.`),
  unknownKernel: defineUnknownNameRule("VMSCN035", "unknown kernel", (name, known) => `There is no kernel ${name}. There are ${known}.`),
  unknownSetting: defineUnknownNameRule(
    "VMSCN036",
    "unknown setting",
    (name, known) => `There is no setting ${name} here. There are ${known}${known.includes("cpus") ? ", and cost NAME" : ""}.`,
  ),
  unknownValue: defineUnknownNameRule(
    "VMSCN037",
    "unknown value of a setting",
    (name, known) => `${name} is not a value of this setting: ${known}.`,
  ),
  unknownCost: defineUnknownNameRule("VMSCN038", "unknown cost", (name) => `The cost table has no ${name}.`),
  unknownField: defineUnknownNameRule("VMSCN039", "unknown field", (name, owner) => `${owner} has no field ${name}.`),
  unknownFlag: defineUnknownNameRule("VMSCN040", "unknown flag", (name, known) => `${name} is not a flag here: ${known}.`),
  unknownForce: defineUnknownNameRule(
    "VMSCN041",
    "not a check that can be forced",
    (name) => `${name} cannot be forced: need_resched and need_lockbreak can.`,
  ),
  unknownBug: defineUnknownNameRule(
    "VMSCN049",
    "unknown finding",
    (name) => `No check of the kernel reports ${name}: docs/checks.md lists the codes.`,
  ),
  reservedName: defineRule(
    "VMSCN042",
    "error",
    "reserved name",
    (name: string) => `${quote(name)} has a meaning of its own: choose another name.`,
  ),
  setTwice: defineRule(
    "VMSCN043",
    "error",
    "given twice",
    (what: string, line: number) => `${what} is already given on line ${line}: remove one.`,
  ),

  twoTypes: defineRule(
    "VMSCN044",
    "error",
    "mapping and process of one name",
    (name: string) => `${quote(name)} names both a mapping and a process here: use two names.`,
  ),
} as const;
