// Scopes and variables. Everything is expanded when it is asked for, by the same fields that expressions read, so that
// what a client shows can be watched and copied under its evaluateName.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AddressSpace } from "../engine/kernel/mm_types.ts";
import { all_locks } from "../engine/observe/snapshot.ts";
import type { HostObject, Value } from "../scenario/expression.ts";
import type { Simulation } from "../scenario/run/simulation.ts";
import { wrap } from "../scenario/run/values.ts";
import { errors } from "./errors.ts";
import { process_of } from "./evaluate.ts";
import { format_value, has_parts, type_of, visible_fields } from "./format.ts";
import { in_reach } from "./reach.ts";
import type { StackFrame } from "./stack.ts";

/** Something with parts that a client may ask for. */
interface Container {
  /** How many parts have a number; clients ask for ranges of them. */
  readonly indexed: number;
  readonly named: number;
  parts(from: number, to: number): Part[];
}

interface Part {
  readonly name: string;
  readonly value: Value;
  /** An expression for it; empty if there is none. */
  readonly expression: string;
  /** Shown instead of the value. */
  readonly text?: string;
  /** The name that tells how to show it, if its own does not: elements of a page table are shown as the table's. */
  readonly as?: string;
}

/** More parts than this are asked for in ranges. */
const PAGED = 100;

export class Variables {
  /** Plain numbers in hexadecimal. */
  hex = false;
  /** The client wants to know types. */
  types = false;
  private containers = new Map<number, { readonly container: Container; readonly frame: StackFrame | null }>();
  private next_reference = 1;

  /** The execution goes on: no reference means anything any more. */
  forget(): void {
    this.containers = new Map();
  }

  /**
   * The scopes of a frame, in one fixed order; those that not every frame has come last, so that what a person has
   * expanded stays so.
   */
  scopes(simulation: Simulation, frame: StackFrame): DebugProtocol.Scope[] {
    const { details, mapping } = in_reach(frame);
    const locals = listed(Object.keys(frame.locals).filter((name) => typeof frame.locals[name] !== "function"), (name) => local(name, frame.locals[name]));
    const scope = (name: string, container: Container, more: Partial<DebugProtocol.Scope> = {}): DebugProtocol.Scope => ({ name, variablesReference: this.refer(container, frame), ...counts(container), expensive: false, ...more });
    const scopes = [scope("Locals", locals, { presentationHint: "locals" }), scope("Scenario", scenario_parts(simulation, frame)), scope("Locks", lock_parts(simulation))];
    if (mapping !== null) scopes.push(scope("Mapping", fields_of(wrap(mapping_file(simulation, mapping)), mapping.host.name)));
    if (details !== null) scopes.push(scope("Details", fields_of(wrap(details), "details", "->")));
    return scopes;
  }

  /** The parts behind a reference, or a range of them. */
  list({ variablesReference, filter, start = 0, count = 0, format }: DebugProtocol.VariablesArguments): DebugProtocol.Variable[] {
    const { container, frame } = this.referred(variablesReference);
    const { indexed, named } = container;
    if ((filter === "named" && named === 0) || (filter === "indexed" && indexed === 0)) return [];
    const total = Math.max(indexed, named);
    const hex = this.hex || format?.hex === true;
    return container.parts(Math.min(start, total), count === 0 ? total : Math.min(start + count, total)).map((part) => this.variable(part, frame, hex));
  }

  /** The expression for a part behind a reference, and the frame it is to be evaluated in; null if there is no such part. */
  find(reference: number, name: string): { readonly expression: string; readonly frame: StackFrame | null } | null {
    const { container, frame } = this.referred(reference);
    const at = container.indexed > 0 ? Number(/^\[(\d+)\]$/.exec(name)?.[1] ?? -1) : -1;
    const parts = at >= 0 ? container.parts(at, at + 1) : container.parts(0, Math.max(container.indexed, container.named));
    const part = parts.find((one) => one.name === name);
    return part === undefined ? null : { expression: part.expression, frame };
  }

  private referred(reference: number): { readonly container: Container; readonly frame: StackFrame | null } {
    const found = this.containers.get(reference);
    if (found === undefined) throw errors.no_reference();
    return found;
  }

  private variable({ name, value, expression, text, as = name }: Part, frame: StackFrame | null, hex: boolean): DebugProtocol.Variable {
    const shown = this.show(as, value, expression, frame, hex);
    return { name, value: text ?? shown.text, ...shown.rest, ...(expression === "" ? {} : { evaluateName: expression }) };
  }

  /** A value as text, and the reference to its parts. */
  show(name: string, value: Value, expression: string, frame: StackFrame | null, hex: boolean): { readonly text: string; readonly rest: { variablesReference: number; type?: string; indexedVariables?: number; namedVariables?: number } } {
    const type = this.types ? type_of(value) : undefined;
    const container = has_parts(value) ? parts_of(name, value, expression) : null;
    return {
      text: format_value(name, value, hex),
      rest: { variablesReference: container === null ? 0 : this.refer(container, frame), ...(type === undefined ? {} : { type }), ...(container === null ? {} : counts(container)) },
    };
  }

  private refer(container: Container, frame: StackFrame | null): number {
    this.containers.set(this.next_reference, { container, frame });
    return this.next_reference++;
  }
}

function counts({ indexed, named }: Container): { indexedVariables?: number; namedVariables?: number } {
  if (indexed > 0) return { indexedVariables: indexed };
  return named > 0 ? { namedVariables: named } : {};
}

/** Parts by names that are known; many of them are asked for in ranges. */
function listed<T>(items: readonly T[], part: (item: T) => Part): Container {
  const paged = items.length > PAGED;
  return { indexed: paged ? items.length : 0, named: paged ? 0 : items.length, parts: (from, to) => items.slice(from, to).map(part) };
}

function parts_of(name: string, value: HostObject, expression: string): Container {
  if (value.length === undefined) return fields_of(value, expression);
  const element = (at: number): Part => ({ name: `[${at}]`, as: name, value: value.element?.(at) ?? null, expression: expression === "" ? "" : `${expression}[${at}]` });
  return { indexed: value.length, named: 0, parts: (from, to) => Array.from({ length: to - from }, (_, at) => element(from + at)) };
}

function fields_of(value: Value, expression: string, operator: "." | "->" = "."): Container {
  if (typeof value !== "object" || value === null) return listed([], () => local("", null));
  return listed(visible_fields(value), (name) => ({ name, value: value.field?.(name) ?? null, expression: expression === "" ? "" : `${expression}${operator}${name}` }));
}

function local(name: string, raw: unknown): Part {
  const value = wrap(raw);
  if (raw === undefined) return { name, value, expression: "", text: "not set yet" };
  return { name, value, expression: name };
}

/** What a scenario declares; in a task, the mappings of its process before. */
function scenario_parts(simulation: Simulation, { task }: StackFrame): Container {
  const { files, processes, tasks } = simulation.names;
  const process = process_of(simulation, task);
  const own = [...(process?.variables.keys() ?? [])];
  const scope = simulation.scope(process);
  const names = [...new Set([...own, ...files.keys(), ...processes.keys(), ...tasks.keys()])];
  return listed(names, (name) => ({ name, value: scope.name(name) ?? null, expression: name }));
}

function lock_parts({ system }: Simulation): Container {
  return listed(all_locks(system.kernel), (lock) => ({ name: lock.name, value: wrap(lock), expression: lock.name }));
}

function mapping_file(simulation: Simulation, mapping: AddressSpace): unknown {
  return [...simulation.names.files.values()].find(({ f_mapping }) => f_mapping === mapping) ?? mapping;
}
