// The whole event stream of a run as one number: two runs with the same hash have passed the same tracepoints, in the same
// order, at the same steps and model times, on the same CPUs, by the same tasks, with the same arguments.

import { VmArea } from "../../src/engine/kernel/common/mm_types.ts";
import type { System } from "../../src/engine/kernel/boot.ts";
import { TRACEPOINTS, type TraceEvent, type TracepointName } from "../../src/engine/machine/trace.ts";
import { name_of, name_of_vma } from "../../src/engine/observe/format.ts";

// FNV-1a of 32 bits, over UTF-16 units.
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** Hashes all tracepoints that the system passes from now on; the hash so far, as eight hexadecimal digits. */
export function hashEvents({ machine }: System): () => string {
  let hash = OFFSET;
  const add = (event: TraceEvent): void => {
    hash = hashText(hash, textOf(event));
  };
  for (const name of Object.keys(TRACEPOINTS) as TracepointName[]) (machine.sinks[name] ??= []).push(add);
  return () => hash.toString(16).padStart(8, "0");
}

function hashText(hash: number, text: string): number {
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME) >>> 0;
  return hash;
}

/** An event in full: the tracepoint, when, where and by which task it was passed, and its arguments. */
function textOf({ number, name, step, time, cpu, task, args }: TraceEvent): string {
  let text = `${number} ${name} ${step} ${time} ${cpu} ${task?.pid ?? 0}`;
  for (const key in args) text += ` ${key} ${textOfValue(args[key])}`;
  return `${text}\n`;
}

function textOfValue(value: unknown): string {
  if (value instanceof VmArea)
    return `${name_of_vma(value)} ${value.vm_start} ${value.vm_end} ${value.vm_pgoff} ${value.vm_truncate_count}`;
  if (typeof value !== "object" || value === null) return String(value);
  const name = name_of(value) ?? ("site" in value ? `statement ${String(value.site)}` : undefined);
  if (name === undefined) throw new Error(`an argument of a tracepoint has no name: ${JSON.stringify(value)}`);
  return name;
}
