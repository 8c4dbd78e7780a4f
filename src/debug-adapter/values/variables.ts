// Scopes and variables. Everything is expanded when it is asked for, by the same fields that expressions read, so that
// what a client shows can be watched and copied under its evaluateName.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AddressSpace } from "../../engine/kernel/common/mm_types.ts";
import { struct_page_address, table_address } from "../../engine/observe/memory_view.ts";
import type { HostObject, Value } from "../../scenario/program/expression.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { PageValue } from "../../scenario/run/page_value.ts";
import { unwrap, wrap } from "../../scenario/run/values.ts";
import { can_set } from "./locations.ts";
import { decode_entry, describe_page } from "./decode.ts";
import { errors } from "../protocol/errors.ts";
import { format_value, has_parts, type_of } from "./format.ts";
import { cpu_parts, listed, local_parts, lock_parts, parts_of, scenario_parts, statistics_parts, type Container, type Part } from "./parts.ts";
import { in_reach } from "./reach.ts";
import { parameters_at } from "../sources/sites.ts";
import type { StackFrame } from "./stack.ts";

/** A value as a client is shown it. */
interface Shown {
  readonly text: string;
  readonly rest: Pick<DebugProtocol.Variable, "variablesReference" | "type" | "indexedVariables" | "namedVariables" | "memoryReference">;
}

/** Names of entries of page tables, and of the tables they are in. */
const ENTRY = /^(?:table|pgd|pte)$/;

export class Variables {
  /** Plain numbers in hexadecimal. */
  hex = false;
  /** The client wants to know types. */
  types = false;
  /** The client can read memory. */
  memory = false;
  private containers = new Map<number, { readonly container: Container; readonly frame: StackFrame | null }>();
  private next_reference = 1;

  constructor(private readonly simulation: () => Simulation) {}

  /** The execution goes on: no reference means anything any more. */
  forget(): void {
    this.containers = new Map();
  }

  /**
   * The scopes of a frame, in one fixed order; those that not every frame has come last, so that what a person has
   * expanded stays so.
   */
  scopes(frame: StackFrame): DebugProtocol.Scope[] {
    const simulation = this.simulation();
    const { details, mapping } = in_reach(frame);
    const parameters = parameters_at(frame.site);
    const names = Object.keys(frame.locals).filter((name) => typeof frame.locals[name] !== "function");
    const scope = (name: string, container: Container, more: Partial<DebugProtocol.Scope> = {}): DebugProtocol.Scope => ({ name, variablesReference: this.refer(container, frame), ...counts(container), expensive: false, ...more });
    const scopes = [
      scope("Locals", local_parts(frame.locals, names.filter((name) => !parameters.includes(name))), { presentationHint: "locals" }),
      scope("Arguments", local_parts(frame.locals, names.filter((name) => parameters.includes(name))), { presentationHint: "arguments" }),
      scope("Scenario", scenario_parts(simulation, frame)),
      scope("Task", object_parts(frame.task, /^\w+$/.test(frame.task.name) && simulation.names.tasks.has(frame.task.name) ? frame.task.name : "")),
      scope("CPU & gather", cpu_parts(simulation, frame.task)),
      // These grow with the scenario: clients fetch them when a person opens them.
      scope("Statistics", statistics_parts(simulation), { expensive: true }),
      scope("Locks", lock_parts(simulation), { expensive: true }),
    ];
    if (mapping !== null) scopes.push(scope("Mapping", object_parts(mapping_file(simulation, mapping), mapping.host.name)));
    if (details !== null) scopes.push(scope("Details", object_parts(details, "details", "->")));
    return scopes;
  }

  /** The parts behind a reference, or a range of them. */
  list({ variablesReference, filter, start = 0, count = 0, format }: DebugProtocol.VariablesArguments): DebugProtocol.Variable[] {
    const { container, frame } = this.referred(variablesReference);
    const hex = this.hex || format?.hex === true;
    const named = filter === "indexed" ? [] : container.named.map((name) => container.named_part(name));
    const end = filter === "named" ? 0 : count === 0 ? container.indexed : Math.min(start + count, container.indexed);
    const indexed = Array.from({ length: Math.max(0, end - start) }, (_, at) => container.indexed_part(start + at));
    return [...named, ...indexed].map((part) => this.variable(part, frame, hex));
  }

  /** The expression for a part behind a reference, and the frame it is to be evaluated in; null if there is no such part. */
  find(reference: number, name: string): { readonly expression: string; readonly frame: StackFrame | null } | null {
    const { container, frame } = this.referred(reference);
    if (container.named.includes(name)) return { expression: container.named_part(name).expression, frame };
    const at = Number(/^\[(\d+)\]$/.exec(name)?.[1] ?? NaN);
    // Long lists of names are numbered, too.
    const part = at < container.indexed ? container.indexed_part(at) : Array.from({ length: container.indexed }, (_, number) => container.indexed_part(number)).find((one) => one.name === name);
    return part === undefined || part.name !== name ? null : { expression: part.expression, frame };
  }

  private referred(reference: number): { readonly container: Container; readonly frame: StackFrame | null } {
    const found = this.containers.get(reference);
    if (found === undefined) throw errors.no_reference();
    return found;
  }

  private variable({ name, value, expression, text, storage, as = name }: Part, frame: StackFrame | null, hex: boolean): DebugProtocol.Variable {
    const shown = this.show(as, value, expression, frame, hex);
    const fixed = storage === undefined || !can_set(storage);
    return {
      name,
      value: text ?? shown.text,
      ...shown.rest,
      ...(expression === "" ? {} : { evaluateName: expression }),
      ...(fixed ? { presentationHint: { attributes: ["readOnly"] } } : {}),
    };
  }

  /** A value as text, the reference to its parts, and that to its memory. */
  show(name: string, value: Value, expression: string, frame: StackFrame | null, hex: boolean): Shown {
    const { kernel } = this.simulation().system;
    const type = this.types ? type_of(value) : undefined;
    const page = page_in(name, value, kernel.mem_map.max_mapnr);
    const seen = page === null ? value : new PageValue(kernel, page);
    const container = has_parts(seen) ? parts_of(name, seen, page === null || value === seen ? expression : `page(${page})`) : null;
    const memory = this.memory ? this.memory_of(seen) : null;
    return {
      text: this.text_of(name, value, hex),
      rest: {
        variablesReference: container === null ? 0 : this.refer(container, frame),
        ...(type === undefined ? {} : { type }),
        ...(container === null ? {} : counts(container)),
        ...(memory === null ? {} : { memoryReference: `0x${memory.toString(16)}` }),
      },
    };
  }

  private text_of(name: string, value: Value, hex: boolean): string {
    const { kernel } = this.simulation().system;
    const text = format_value(name, value, hex);
    if (typeof value === "number" && ENTRY.test(name)) return `${text} ${decode_entry(kernel, value)}`;
    return value instanceof PageValue ? `page ${value.page}, ${describe_page(kernel, value.page)}` : text;
  }

  private memory_of(value: Value): number | null {
    if (value instanceof PageValue) return struct_page_address(value.page);
    const object = unwrap(value);
    return object instanceof Uint32Array ? table_address(this.simulation().system.kernel, object) : null;
  }

  private refer(container: Container, frame: StackFrame | null): number {
    this.containers.set(this.next_reference, { container, frame });
    return this.next_reference++;
  }
}

function counts({ indexed, named }: Container): { indexedVariables?: number; namedVariables?: number } {
  return { ...(indexed > 0 ? { indexedVariables: indexed } : {}), ...(named.length > 0 ? { namedVariables: named.length } : {}) };
}

/** The page frame that a value is the number of, or the struct page of; null if it is neither. */
function page_in(name: string, value: Value, max_mapnr: number): number | null {
  if (value instanceof PageValue) return value.page;
  return name === "page" && typeof value === "number" && value >= 0 && value < max_mapnr ? value : null;
}

function object_parts(object: unknown, expression: string, operator?: "." | "->"): Container {
  const value = wrap(object);
  return typeof value === "object" && value !== null ? parts_of(expression, value as HostObject, expression, operator) : listed([], () => ({ name: "", value: null, expression: "" }));
}

function mapping_file(simulation: Simulation, mapping: AddressSpace): unknown {
  return [...simulation.names.files.values()].find(({ f_mapping }) => f_mapping === mapping) ?? mapping;
}
