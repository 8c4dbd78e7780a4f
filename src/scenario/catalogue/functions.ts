// The functions of expressions, and the fields of the objects that a scenario names. The Environment of the run has their values.

import { PAGE_SIZE } from "../../engine/kernel/common/arch.ts";
import { ERRNO, SIGBUS, SIGSEGV } from "../../engine/kernel/common/errno.ts";
import { LOCKBREAK_KERNELS } from "./machine.ts";
import type { FieldEntry, FunctionEntry, Parameter } from "./types.ts";

const FILE: Parameter = { name: "file", type: "file", doc: "A file of the scenario." };
const LOCK: Parameter = {
  name: "lock",
  type: "lock",
  doc: "A lock: data.i_mmap_lock, data.i_sem, editor.page_table_lock, editor.mmap_sem.",
};

export const FUNCTIONS: readonly FunctionEntry[] = [
  {
    name: "mapped",
    parameters: [
      FILE,
      {
        name: "beyond",
        type: "mark",
        default: 0,
        doc: "Count only pages that lie wholly at or behind this offset; the keyword size means the current end of the file.",
      },
    ],
    result: "number",
    doc: "How many ptes of all processes map pages of the file.",
  },
  {
    name: "lockbreaks",
    parameters: [FILE],
    result: "number",
    doc: "How often i_mmap_lock of the file was dropped in the middle of an unmapping.",
  },
  { name: "restarts", parameters: [FILE], result: "number", doc: "How often the search for vmas of the file started over." },
  { name: "completed", parameters: [FILE], result: "number", doc: "How many vmas of the file were scanned to their end." },
  { name: "skipped", parameters: [FILE], result: "number", doc: "How many vmas of the file were skipped because they were up to date." },
  {
    name: "zap_blocks",
    parameters: [FILE],
    result: "number",
    doc: "How many blocks of the file's vmas were unmapped: by truncations and invalidations, munmap, madvise or exit.",
  },
  { name: "max_hold", parameters: [LOCK], result: "time", doc: "The longest time the lock was held." },
  { name: "max_wait", parameters: [LOCK], result: "time", doc: "The longest time a task waited for the lock." },
  {
    name: "wakeup_latency",
    parameters: [{ name: "task", type: "task", doc: "A task of the scenario." }],
    result: "time",
    doc: "The longest time from the wakeup of the task until its CPU switched to it.",
  },
  {
    name: "rss",
    parameters: [{ name: "process", type: "process", doc: "A process of the scenario." }],
    result: "number",
    doc: "How many pages of the process are resident.",
  },
  {
    name: "pte",
    parameters: [
      { name: "process", type: "process", doc: "A process of the scenario." },
      { name: "address", type: "address", doc: "An address in it." },
    ],
    result: "number",
    doc: "The page-table entry of the address (its low 32 bits); 0 if there is none.",
  },
];

/** Functions of debuggers: about the execution up to the current step, and about objects that no name of a scenario leads to. */
export const DEBUGGER_FUNCTIONS: readonly FunctionEntry[] = [
  {
    name: "changes",
    parameters: [
      { name: "what", type: "any", doc: "A field or an element: details.restart_addr, data.truncate_count, pte(viewer[0], 0x40000000)." },
    ],
    result: "any",
    doc: "Every write to it up to the current step, the oldest first.",
  },
  {
    name: "last_write",
    parameters: [{ name: "what", type: "any", doc: "A field or an element." }],
    result: "any",
    doc: "The last write to it, or NULL: its event, step, time, task, old value and new value.",
  },
  {
    name: "cpu",
    parameters: [{ name: "number", type: "any", doc: "The number of a CPU, from 0." }],
    result: "any",
    doc: "A CPU: its clock, the task that it executes, and the tasks on its run queue.",
  },
  {
    name: "gather",
    parameters: [{ name: "number", type: "any", doc: "The number of a CPU, from 0." }],
    result: "any",
    doc: "The mmu_gather of a CPU.",
  },
  { name: "page", parameters: [{ name: "number", type: "any", doc: "A page frame number." }], result: "any", doc: "A struct page." },
];

/** Fields of the objects that a scenario names. The kernel objects that they lead to have the fields of the kernel. */
export const FIELDS: Readonly<Record<"file" | "process" | "task" | "lock" | "mapping", readonly FieldEntry[]>> = {
  file: [
    { name: "i_size", type: "size", doc: "The size of the file in bytes." },
    {
      name: "truncate_count",
      type: "number",
      doc: "Counts the unmappings of the file, modulo 2^32; up to 2.6.38.",
      availability: { kernels: ["2.6.9", ...LOCKBREAK_KERNELS], elsewhere: "it stays what it is at the beginning" },
    },
    {
      name: "i_mmap_lock",
      type: "lock",
      doc: "The lock over the tree and the list of the file's vmas: a spinlock up to 2.6.38, in 3.0 the mutex i_mmap_mutex.",
    },
    {
      name: "i_mmap_mutex",
      type: "lock",
      doc: "What i_mmap_lock became in 3.0; in other kernels the same as i_mmap_lock.",
      availability: { kernels: ["3.0"], elsewhere: "it stands for i_mmap_lock" },
    },
    {
      name: "unmap_mutex",
      type: "lock",
      doc: "The mutex that unmappings hold from beginning to end; 2.6.38 only.",
      availability: { kernels: ["2.6.38"], elsewhere: null },
    },
    { name: "i_sem", type: "lock", doc: "The semaphore that truncations hold." },
    { name: "i_mmap", type: "any", doc: "The priority search tree of the file's linear vmas." },
    { name: "i_mmap_nonlinear", type: "any", doc: "The list of the file's nonlinear vmas." },
    { name: "nrpages", type: "number", doc: "How many pages of the file are in the page cache." },
  ],
  process: [
    { name: "rss", type: "number", doc: "Resident pages." },
    { name: "anon_rss", type: "number", doc: "Resident anonymous pages." },
    { name: "map_count", type: "number", doc: "How many vmas there are." },
    { name: "mmap_sem", type: "lock", doc: "The semaphore over the address space." },
    { name: "page_table_lock", type: "lock", doc: "The spinlock over the page tables." },
    { name: "mmap", type: "any", doc: "The list of vmas, by address." },
  ],
  task: [
    { name: "cpu", type: "number", doc: "The CPU it runs on." },
    { name: "priority", type: "number", doc: "Its priority; smaller is more urgent." },
    { name: "state", type: "text", doc: "runnable, running, spinning, sleeping, waiting, held or done." },
  ],
  lock: [
    { name: "owner", type: "any", doc: "The task that holds it, or NULL." },
    { name: "waiters", type: "number", doc: "How many tasks wait for it." },
    { name: "break_lock", type: "number", doc: "Whether a waiter has asked for it (spinlocks)." },
  ],
  mapping: [
    { name: "start", type: "address", doc: "Its first address." },
    { name: "end", type: "address", doc: "The address behind its last byte." },
    { name: "length", type: "size", doc: "Its length as it was mapped." },
    { name: "file", type: "file", doc: "The file it maps." },
    { name: "vma", type: "any", doc: "The vma at its first address now, or NULL." },
    { name: "vm_start", type: "address", doc: "The first address of that vma." },
    { name: "vm_end", type: "address", doc: "The address behind the last byte of that vma." },
    { name: "vm_flags", type: "number", doc: "The flags of that vma." },
    { name: "vm_pgoff", type: "number", doc: "The page of the file at the vma's first address." },
    { name: "vm_truncate_count", type: "number", doc: "The truncate_count of the last call that has completed that vma." },
  ],
};

/** Constants of every expression: among them the errors that calls return, negated, and the signals that accesses end in. */
export const CONSTANTS: Readonly<Record<string, number | null>> = {
  PAGE_SIZE,
  true: 1,
  false: 0,
  NULL: null,
  null: null,
  ...ERRNO,
  SIGBUS,
  SIGSEGV,
};

/** Variables that some bodies have without a declaration. */
export const IMPLICIT_VARIABLES = {
  index: "The number of this process in its array, from 0.",
  iteration: "The number of the round of the innermost repeat or every, from 0.",
} as const;
