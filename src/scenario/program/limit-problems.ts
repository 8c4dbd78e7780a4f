// The rules of diagnostics about limits: numbers, addresses, ranges and memory, and what the kernel makes of them.

import { defineRule, quote } from "./diagnostic-rules.ts";

export const limitProblems = {
  outOfBounds: defineRule(
    "VMSCN070",
    "error",
    "number out of bounds",
    (what: string, low: string, high: string) => `${what} must be from ${low} to ${high}.`,
  ),
  noSuchCpu: defineRule(
    "VMSCN071",
    "error",
    "no such CPU",
    (cpu: number, cpus: number) =>
      `There is no CPU ${cpu}: the machine has ${
        cpus === 1 ? "only CPU 0" : `CPUs 0 to ${cpus - 1}`
      }. Choose one of them, or raise 'cpus'.`,
  ),
  beyondTaskSize: defineRule(
    "VMSCN072",
    "error",
    "address beyond the address space",
    (end: string, limit: string) => `This would reach up to ${end}; the address space of a process of this arch ends at ${limit}.`,
  ),
  unaligned: defineRule(
    "VMSCN073",
    "error",
    "not page-aligned",
    (what: string, below: number, above: number) => `${what} must be a multiple of the page size: ${below} or ${above}.`,
  ),
  overlap: defineRule(
    "VMSCN074",
    "error",
    "fixed mappings overlap",
    (name: string, line: number) => `This overlaps ${quote(name)}, mapped on line ${line}: choose another address.`,
  ),
  outsideMapping: defineRule(
    "VMSCN075",
    "error",
    "range outside its mapping",
    (name: string, size: string) => `${quote(name)} is ${size} long: the range must lie inside it.`,
  ),
  rounded: defineRule(
    "VMSCN076",
    "information",
    "rounded to pages",
    (given: number, used: number) => `The kernel rounds this to whole pages: ${used} instead of ${given}.`,
  ),
  memory: defineRule(
    "VMSCN077",
    "error",
    "needs too much memory",
    (estimate: string, limit: string, detail: string, wayOut: string) =>
      `This run would need about ${estimate} (${detail}); the limit is ${limit}. ` +
      `Use smaller files, fewer processes, or touch less${wayOut}.`,
  ),
  emptyFile: defineRule(
    "VMSCN078",
    "error",
    "empty file",
    (name: string) => `${quote(name)} has no pages that could be mapped: give it a size above 0.`,
  ),
  emptyRange: defineRule(
    "VMSCN079",
    "error",
    "empty or reversed range",
    () => "This range is empty: its end must be above its beginning (ranges are half-open).",
  ),
  noSuchElement: defineRule(
    "VMSCN080",
    "error",
    "no such process of an array",
    (name: string, count: number) => `${quote(name)} has ${count} processes: the index must be from 0 to ${count - 1}.`,
  ),
  beyondFile: defineRule(
    "VMSCN081",
    "error",
    "offset beyond the file",
    (name: string, size: string) => `${quote(name)} is only ${size} long: there is nothing to map from this offset on.`,
  ),
  addressSpaceFull: defineRule(
    "VMSCN082",
    "error",
    "mappings exceed the address space",
    (name: string, size: string) => `With this mapping, process ${quote(name)} would map more than its address space of ${size} holds.`,
  ),
  withoutEffect: defineRule("VMSCN083", "warning", "without effect", (why: string) => `This has no effect: ${why}.`),
  partialPage: defineRule(
    "VMSCN085",
    "information",
    "end within a page",
    (begin: number) => `The page that holds the new end stays mapped: unmapping begins at ${begin}.`,
  ),
  refused: defineRule(
    "VMSCN086",
    "information",
    "refused by the kernel",
    (error: string, why: string) => `The kernel refuses this with ${error}: ${why}.`,
  ),
  callNumbers: defineRule(
    "VMSCN084",
    "error",
    "call numbers not in order",
    () => "Call numbers count from 1 and must be given in rising order.",
  ),
  notInKernel: defineRule(
    "VMSCN089",
    "information",
    "not in this kernel",
    (name: string, kernel: string, elsewhere: string) => `${kernel} has no ${quote(name)}: ${elsewhere}.`,
  ),
} as const;
