// What is in reach of a stack frame beside its own variables.

import { ZapDetails } from "../../engine/kernel/common/memory.ts";
import { AddressSpace, Inode, VmArea } from "../../engine/kernel/common/mm_types.ts";

/** Raw values of the run by name: a frame's locals, the arguments of a tracepoint. */
export type Locals = Readonly<Record<string, unknown>>;

/** The variables of a frame, and those of all frames of its stack, innermost first. */
export interface Reach {
  readonly locals: Locals;
  readonly stack: readonly Locals[];
}

/** The zap_details and the address_space that a frame works on, or those around it. */
export function inReach({ locals, stack }: Reach): { readonly details: ZapDetails | null; readonly mapping: AddressSpace | null } {
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

/** The variables that expressions see in a frame: its own, and `details` and `mapping` if they are in reach. */
export function visible(frame: Reach): Locals {
  const { details, mapping } = inReach(frame);
  return { ...(details === null ? {} : { details }), ...(mapping === null ? {} : { mapping }), ...frame.locals };
}
