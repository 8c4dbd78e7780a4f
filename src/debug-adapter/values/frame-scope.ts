// What is in scope at a stack frame beside its own variables.

import { ZapDetails } from "../../engine/kernel/common/memory.ts";
import { AddressSpace, Inode, VmArea } from "../../engine/kernel/common/mm_types.ts";

/** Raw values of the run by name: a frame's locals, the arguments of a tracepoint. */
export type Locals = Readonly<Record<string, unknown>>;

/** The variables of a frame, and those of all frames of its stack, innermost first. */
export interface FrameVariables {
  readonly locals: Locals;
  readonly stack: readonly Locals[];
}

/** The zap_details and the address_space that a frame, or the innermost of its callers that has one, works on. */
export function kernelObjectsInScope({ locals, stack }: FrameVariables): {
  readonly details: ZapDetails | null;
  readonly mapping: AddressSpace | null;
} {
  let details: ZapDetails | null = null;
  let mapping: AddressSpace | null = null;
  for (const frame of [locals, ...stack]) {
    for (const value of Object.values(frame)) {
      if (value instanceof ZapDetails) details ??= value;
      mapping ??= mappingOf(value);
    }
  }
  return { details, mapping };
}

function mappingOf(value: unknown): AddressSpace | null {
  if (value instanceof AddressSpace) return value;
  if (value instanceof Inode) return value.i_mapping;
  return value instanceof VmArea ? (value.vm_file?.f_mapping ?? null) : null;
}

/** The variables that expressions can use in a frame: its own, and `details` and `mapping` if there are such. */
export function variablesInScope(frame: FrameVariables): Locals {
  const { details, mapping } = kernelObjectsInScope(frame);
  return { ...(details === null ? {} : { details }), ...(mapping === null ? {} : { mapping }), ...frame.locals };
}
