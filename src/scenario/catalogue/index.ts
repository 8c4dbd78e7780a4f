// The entries of the catalogue by name.

import { CALLS } from "./calls.ts";
import { DEBUGGER_FUNCTIONS, FUNCTIONS } from "./functions.ts";
import { EVENTS } from "./machine.ts";
import type { CallEntry, EventEntry, FunctionEntry } from "./types.ts";

const byName = <T extends { readonly name: string }>(entries: readonly T[]): ReadonlyMap<string, T> =>
  new Map(entries.map((entry) => [entry.name, entry]));

export const callsByName: ReadonlyMap<string, CallEntry> = byName(CALLS);
export const functionsByName: ReadonlyMap<string, FunctionEntry> = byName(FUNCTIONS);
/** The functions of debuggers included. */
export const debuggerFunctionsByName: ReadonlyMap<string, FunctionEntry> = byName([...FUNCTIONS, ...DEBUGGER_FUNCTIONS]);
export const eventsByName: ReadonlyMap<string, EventEntry> = byName(EVENTS);

export { CALLS } from "./calls.ts";
export { CONSTANTS, IMPLICIT_VARIABLES, DEBUGGER_FUNCTIONS, FIELDS, FUNCTIONS } from "./functions.ts";
export {
  BUG_CODES,
  COST_NAMES,
  COSTS,
  DEFAULT_KERNEL,
  EVENTS,
  EXPLORE_SETTINGS,
  KERNELS,
  LOCKBREAK_EVENTS,
  LOCKBREAK_KERNELS,
  RULES,
  SETTINGS,
  type SettingEntry,
} from "./machine.ts";
export * from "./types.ts";
