// Scopes and variables. Children are made when the client asks for them, from the fields that expressions read: so each variable
// can be watched and copied by its evaluateName.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AddressSpace } from "../../engine/kernel/common/mm_types.ts";
import { struct_page_address, table_address } from "../../engine/observe/memory_view.ts";
import type { HostObject, Value } from "../../scenario/program/expression.ts";
import type { Simulation } from "../../scenario/run/simulation.ts";
import { PageValue } from "../../scenario/run/page-value.ts";
import { unwrap, wrap } from "../../scenario/run/kernel-values.ts";
import { canSet } from "./data-locations.ts";
import { describePte, describePage } from "./page-table-entries.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import { formatValue, hasChildren, typeOf } from "./format.ts";
import {
  cpuChildren,
  listChildren,
  localChildren,
  lockChildren,
  childrenOf,
  scenarioChildren,
  statisticsChildren,
  type VariableContainer,
  type ChildVariable,
} from "./children.ts";
import { kernelObjectsInScope } from "./frame-scope.ts";
import { parametersAt } from "../sources/sites.ts";
import type { StackFrame } from "./stack.ts";

/** A value as the client gets it. */
interface FormattedValue {
  readonly text: string;
  readonly rest: Pick<DebugProtocol.Variable, "variablesReference" | "type" | "indexedVariables" | "namedVariables" | "memoryReference">;
}

/** Names of page-table entries, and of the tables they are in. */
const PTE_NAME = /^(?:table|pgd|pte)$/;

export class Variables {
  /** Plain numbers are formatted in hexadecimal. */
  hex = false;
  /** The client supports types of variables. */
  types = false;
  /** The client supports memory references. */
  memory = false;
  private containers = new Map<number, { readonly container: VariableContainer; readonly frame: StackFrame | null }>();
  private nextReference = 1;

  constructor(private readonly simulation: () => Simulation) {}

  /** The execution moves: all references become invalid. */
  invalidate(): void {
    this.containers = new Map();
  }

  /**
   * The scopes of a frame, in a fixed order. Those that not every frame has come last: so the scopes that the user has expanded
   * stay expanded.
   */
  scopes(frame: StackFrame): DebugProtocol.Scope[] {
    const simulation = this.simulation();
    const { details, mapping } = kernelObjectsInScope(frame);
    const parameters = parametersAt(frame.site);
    const names = Object.keys(frame.locals).filter((name) => typeof frame.locals[name] !== "function");
    const scope = (name: string, container: VariableContainer, more: Partial<DebugProtocol.Scope> = {}): DebugProtocol.Scope => ({
      name,
      variablesReference: this.newReference(container, frame),
      ...counts(container),
      expensive: false,
      ...more,
    });
    const scopes = [
      scope(
        "Locals",
        localChildren(
          frame.locals,
          names.filter((name) => !parameters.includes(name)),
        ),
        { presentationHint: "locals" },
      ),
      scope(
        "Arguments",
        localChildren(
          frame.locals,
          names.filter((name) => parameters.includes(name)),
        ),
        { presentationHint: "arguments" },
      ),
      scope("Scenario", scenarioChildren(simulation, frame)),
      scope(
        "Task",
        objectParts(frame.task, /^\w+$/.test(frame.task.name) && simulation.globals.tasks.has(frame.task.name) ? frame.task.name : ""),
      ),
      scope("CPU & gather", cpuChildren(simulation, frame.task)),
      // These grow with the scenario: clients fetch them when the user expands them.
      scope("Statistics", statisticsChildren(simulation), { expensive: true }),
      scope("Locks", lockChildren(simulation), { expensive: true }),
    ];
    if (mapping !== null) scopes.push(scope("Mapping", objectParts(mappingFile(simulation, mapping), mapping.host.name)));
    if (details !== null) scopes.push(scope("Details", objectParts(details, "details", "->")));
    return scopes;
  }

  /** The children of a reference, or a range of them. */
  list({ variablesReference, filter, start = 0, count = 0, format }: DebugProtocol.VariablesArguments): DebugProtocol.Variable[] {
    const { container, frame } = this.containerAt(variablesReference);
    const hex = this.hex || format?.hex === true;
    const named = filter === "indexed" ? [] : container.named.map((name) => container.namedChild(name));
    const end = filter === "named" ? 0 : count === 0 ? container.indexed : Math.min(start + count, container.indexed);
    const indexed = Array.from({ length: Math.max(0, end - start) }, (_, at) => container.indexedChild(start + at));
    return [...named, ...indexed].map((part) => this.variable(part, frame, hex));
  }

  /** The expression for a child of a reference, and the frame it is to be evaluated in; null if there is no such child. */
  resolve(reference: number, name: string): { readonly expression: string; readonly frame: StackFrame | null } | null {
    const { container, frame } = this.containerAt(reference);
    if (container.named.includes(name)) return { expression: container.namedChild(name).expression, frame };
    const at = Number(/^\[(\d+)\]$/.exec(name)?.[1] ?? NaN);
    // Long lists of named children are indexed, too.
    const part =
      at < container.indexed
        ? container.indexedChild(at)
        : Array.from({ length: container.indexed }, (_, number) => container.indexedChild(number)).find((one) => one.name === name);
    return part === undefined || part.name !== name ? null : { expression: part.expression, frame };
  }

  private containerAt(reference: number): { readonly container: VariableContainer; readonly frame: StackFrame | null } {
    const found = this.containers.get(reference);
    if (found === undefined) throw adapterErrors.staleReference();
    return found;
  }

  private variable(
    { name, value, expression, text, storage, displayName = name }: ChildVariable,
    frame: StackFrame | null,
    hex: boolean,
  ): DebugProtocol.Variable {
    const shown = this.format(displayName, value, expression, frame, hex);
    const fixed = storage === undefined || !canSet(storage);
    return {
      name,
      value: text ?? shown.text,
      ...shown.rest,
      ...(expression === "" ? {} : { evaluateName: expression }),
      ...(fixed ? { presentationHint: { attributes: ["readOnly"] } } : {}),
    };
  }

  /** A value as text, the reference to its children, and that to its memory. */
  format(name: string, value: Value, expression: string, frame: StackFrame | null, hex: boolean): FormattedValue {
    const { kernel } = this.simulation().system;
    const type = this.types ? typeOf(value) : undefined;
    const page = pageIn(name, value, kernel.mem_map.max_mapnr);
    const seen = page === null ? value : new PageValue(kernel, page);
    const container = hasChildren(seen) ? childrenOf(name, seen, page === null || value === seen ? expression : `page(${page})`) : null;
    const memory = this.memory ? this.memoryOf(seen) : null;
    return {
      text: this.textOf(name, value, hex),
      rest: {
        variablesReference: container === null ? 0 : this.newReference(container, frame),
        ...(type === undefined ? {} : { type }),
        ...(container === null ? {} : counts(container)),
        ...(memory === null ? {} : { memoryReference: `0x${memory.toString(16)}` }),
      },
    };
  }

  private textOf(name: string, value: Value, hex: boolean): string {
    const { kernel } = this.simulation().system;
    const text = formatValue(name, value, hex);
    if (typeof value === "number" && PTE_NAME.test(name)) return `${text} ${describePte(kernel, value)}`;
    return value instanceof PageValue ? `page ${value.page}, ${describePage(kernel, value.page)}` : text;
  }

  private memoryOf(value: Value): number | null {
    if (value instanceof PageValue) return struct_page_address(value.page);
    const object = unwrap(value);
    return object instanceof Uint32Array ? table_address(this.simulation().system.kernel, object) : null;
  }

  private newReference(container: VariableContainer, frame: StackFrame | null): number {
    this.containers.set(this.nextReference, { container, frame });
    return this.nextReference++;
  }
}

function counts({ indexed, named }: VariableContainer): { indexedVariables?: number; namedVariables?: number } {
  return { ...(indexed > 0 ? { indexedVariables: indexed } : {}), ...(named.length > 0 ? { namedVariables: named.length } : {}) };
}

/** The page frame that a value is the number of, or the struct page of; null if it is neither. */
function pageIn(name: string, value: Value, max_mapnr: number): number | null {
  if (value instanceof PageValue) return value.page;
  return name === "page" && typeof value === "number" && value >= 0 && value < max_mapnr ? value : null;
}

function objectParts(object: unknown, expression: string, operator?: "." | "->"): VariableContainer {
  const value = wrap(object);
  return typeof value === "object" && value !== null
    ? childrenOf(expression, value as HostObject, expression, operator)
    : listChildren([], () => ({ name: "", value: null, expression: "" }));
}

function mappingFile(simulation: Simulation, mapping: AddressSpace): unknown {
  return [...simulation.globals.files.values()].find(({ f_mapping }) => f_mapping === mapping) ?? mapping;
}
