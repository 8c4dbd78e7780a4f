// Scopes and variables. Everything is expanded when it is asked for, by the same fields that expressions read, so that
// what a client shows can be watched and copied under its evaluateName.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AddressSpace } from "../../engine/kernel/common/mm_types.ts";
import { struct_page_address, table_address } from "../../engine/observe/memory_view.ts";
import type { HostObject, Value } from "../../scenario/program/expression.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { PageValue } from "../../scenario/run/page-value.ts";
import { unwrap, wrap } from "../../scenario/run/values.ts";
import { canSet } from "./locations.ts";
import { decodeEntry, describePage } from "./decode.ts";
import { errors } from "../protocol/errors.ts";
import { formatValue, hasParts, typeOf } from "./format.ts";
import { cpuParts, listed, localParts, lockParts, partsOf, scenarioParts, statisticsParts, type Container, type Part } from "./parts.ts";
import { inReach } from "./reach.ts";
import { parametersAt } from "../sources/sites.ts";
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
  private nextReference = 1;

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
    const { details, mapping } = inReach(frame);
    const parameters = parametersAt(frame.site);
    const names = Object.keys(frame.locals).filter((name) => typeof frame.locals[name] !== "function");
    const scope = (name: string, container: Container, more: Partial<DebugProtocol.Scope> = {}): DebugProtocol.Scope => ({ name, variablesReference: this.refer(container, frame), ...counts(container), expensive: false, ...more });
    const scopes = [
      scope("Locals", localParts(frame.locals, names.filter((name) => !parameters.includes(name))), { presentationHint: "locals" }),
      scope("Arguments", localParts(frame.locals, names.filter((name) => parameters.includes(name))), { presentationHint: "arguments" }),
      scope("Scenario", scenarioParts(simulation, frame)),
      scope("Task", objectParts(frame.task, /^\w+$/.test(frame.task.name) && simulation.names.tasks.has(frame.task.name) ? frame.task.name : "")),
      scope("CPU & gather", cpuParts(simulation, frame.task)),
      // These grow with the scenario: clients fetch them when a person opens them.
      scope("Statistics", statisticsParts(simulation), { expensive: true }),
      scope("Locks", lockParts(simulation), { expensive: true }),
    ];
    if (mapping !== null) scopes.push(scope("Mapping", objectParts(mappingFile(simulation, mapping), mapping.host.name)));
    if (details !== null) scopes.push(scope("Details", objectParts(details, "details", "->")));
    return scopes;
  }

  /** The parts behind a reference, or a range of them. */
  list({ variablesReference, filter, start = 0, count = 0, format }: DebugProtocol.VariablesArguments): DebugProtocol.Variable[] {
    const { container, frame } = this.referred(variablesReference);
    const hex = this.hex || format?.hex === true;
    const named = filter === "indexed" ? [] : container.named.map((name) => container.namedPart(name));
    const end = filter === "named" ? 0 : count === 0 ? container.indexed : Math.min(start + count, container.indexed);
    const indexed = Array.from({ length: Math.max(0, end - start) }, (_, at) => container.indexedPart(start + at));
    return [...named, ...indexed].map((part) => this.variable(part, frame, hex));
  }

  /** The expression for a part behind a reference, and the frame it is to be evaluated in; null if there is no such part. */
  find(reference: number, name: string): { readonly expression: string; readonly frame: StackFrame | null } | null {
    const { container, frame } = this.referred(reference);
    if (container.named.includes(name)) return { expression: container.namedPart(name).expression, frame };
    const at = Number(/^\[(\d+)\]$/.exec(name)?.[1] ?? NaN);
    // Long lists of names are numbered, too.
    const part = at < container.indexed ? container.indexedPart(at) : Array.from({ length: container.indexed }, (_, number) => container.indexedPart(number)).find((one) => one.name === name);
    return part === undefined || part.name !== name ? null : { expression: part.expression, frame };
  }

  private referred(reference: number): { readonly container: Container; readonly frame: StackFrame | null } {
    const found = this.containers.get(reference);
    if (found === undefined) throw errors.no_reference();
    return found;
  }

  private variable({ name, value, expression, text, storage, as = name }: Part, frame: StackFrame | null, hex: boolean): DebugProtocol.Variable {
    const shown = this.show(as, value, expression, frame, hex);
    const fixed = storage === undefined || !canSet(storage);
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
    const type = this.types ? typeOf(value) : undefined;
    const page = pageIn(name, value, kernel.mem_map.max_mapnr);
    const seen = page === null ? value : new PageValue(kernel, page);
    const container = hasParts(seen) ? partsOf(name, seen, page === null || value === seen ? expression : `page(${page})`) : null;
    const memory = this.memory ? this.memoryOf(seen) : null;
    return {
      text: this.textOf(name, value, hex),
      rest: {
        variablesReference: container === null ? 0 : this.refer(container, frame),
        ...(type === undefined ? {} : { type }),
        ...(container === null ? {} : counts(container)),
        ...(memory === null ? {} : { memoryReference: `0x${memory.toString(16)}` }),
      },
    };
  }

  private textOf(name: string, value: Value, hex: boolean): string {
    const { kernel } = this.simulation().system;
    const text = formatValue(name, value, hex);
    if (typeof value === "number" && ENTRY.test(name)) return `${text} ${decodeEntry(kernel, value)}`;
    return value instanceof PageValue ? `page ${value.page}, ${describePage(kernel, value.page)}` : text;
  }

  private memoryOf(value: Value): number | null {
    if (value instanceof PageValue) return struct_page_address(value.page);
    const object = unwrap(value);
    return object instanceof Uint32Array ? table_address(this.simulation().system.kernel, object) : null;
  }

  private refer(container: Container, frame: StackFrame | null): number {
    this.containers.set(this.nextReference, { container, frame });
    return this.nextReference++;
  }
}

function counts({ indexed, named }: Container): { indexedVariables?: number; namedVariables?: number } {
  return { ...(indexed > 0 ? { indexedVariables: indexed } : {}), ...(named.length > 0 ? { namedVariables: named.length } : {}) };
}

/** The page frame that a value is the number of, or the struct page of; null if it is neither. */
function pageIn(name: string, value: Value, max_mapnr: number): number | null {
  if (value instanceof PageValue) return value.page;
  return name === "page" && typeof value === "number" && value >= 0 && value < max_mapnr ? value : null;
}

function objectParts(object: unknown, expression: string, operator?: "." | "->"): Container {
  const value = wrap(object);
  return typeof value === "object" && value !== null ? partsOf(expression, value as HostObject, expression, operator) : listed([], () => ({ name: "", value: null, expression: "" }));
}

function mappingFile(simulation: Simulation, mapping: AddressSpace): unknown {
  return [...simulation.names.files.values()].find(({ f_mapping }) => f_mapping === mapping) ?? mapping;
}
