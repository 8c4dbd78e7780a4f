// The calls of tasks, processes and triggers. To add one: an entry here, and its execution in the table of run.ts.

import type { CallEntry, Parameter } from "./types.ts";

const SPAN: Parameter = { name: "range", kind: "span", doc: "A mapping, or a byte range of it: V or V[0 .. 64K]." };

export const CALLS: readonly CallEntry[] = [
  {
    name: "mmap",
    parameters: [
      { name: "file", kind: "file", doc: "The file to map." },
      { name: "length", kind: "size", default: null, pages: "up", doc: "Bytes to map; left out: from the offset to the end of the file." },
      { name: "prot", kind: "prot", default: ["read", "write"], doc: "What the pages may be used for: read, write, exec, none." },
      { name: "flags", kind: "sharing", default: ["shared"], doc: "shared, or private: writes then go to copies." },
      { name: "offset", kind: "size", default: 0, pages: "refuse", doc: "Where in the file the mapping begins." },
      { name: "at", kind: "address", default: null, pages: "refuse", doc: "The address; left out: the kernel chooses." },
    ],
    doc: "Maps a stretch of a file. The result is the mapping: V = mmap(data).",
    kernel: "do_mmap_pgoff",
    result: true,
    inSetup: true,
    inTrigger: false,
  },
  {
    name: "munmap",
    parameters: [{ ...SPAN, pages: "up" }],
    doc: "Unmaps the range; a mapping that is cut in its middle is split.",
    kernel: "do_munmap",
    result: false,
    inSetup: true,
    inTrigger: true,
  },
  {
    name: "mprotect",
    parameters: [
      { ...SPAN, pages: "up" },
      { name: "prot", kind: "prot", doc: "What the pages may be used for from now on: read, write, exec, none." },
    ],
    doc: "Changes the protection of the range; splits and merges vmas as needed.",
    kernel: "sys_mprotect",
    result: false,
    inSetup: true,
    inTrigger: true,
  },
  {
    name: "remap_file_pages",
    parameters: [
      { ...SPAN, pages: "down" },
      { name: "offset", kind: "size", pages: "refuse", doc: "The offset in the file that the range is to show." },
    ],
    doc: "Makes the range show other pages of its file; the mapping becomes nonlinear.",
    kernel: "sys_remap_file_pages",
    result: false,
    inSetup: true,
    inTrigger: true,
  },
  {
    name: "truncate",
    parameters: [
      { name: "file", kind: "file", doc: "The file to cut, or to lengthen." },
      { name: "size", kind: "size", pages: "partial", doc: "Its new size in bytes. Pages wholly behind it are unmapped everywhere." },
    ],
    doc: "Sets the size of a file, holding its i_sem.",
    kernel: "vmtruncate",
    result: false,
    inSetup: true,
    inTrigger: true,
  },
  {
    name: "touch",
    parameters: [SPAN],
    doc: "Faults in every page of the range that is not present yet, as one read of each would.",
    kernel: "handle_mm_fault",
    result: false,
    inSetup: true,
    inTrigger: true,
  },
  {
    name: "read",
    parameters: [SPAN],
    doc: "Reads from every page of the range.",
    kernel: "handle_mm_fault",
    result: false,
    inSetup: true,
    inTrigger: true,
  },
  {
    name: "write",
    parameters: [SPAN],
    doc: "Writes to every page of the range; in a private mapping each page is copied first.",
    kernel: "handle_mm_fault",
    result: false,
    inSetup: true,
    inTrigger: true,
  },
  {
    name: "sleep",
    parameters: [{ name: "time", kind: "time", doc: "How long, in model time." }],
    doc: "Gives the CPU away for a time.",
    kernel: "schedule_timeout",
    result: false,
    inSetup: false,
    inTrigger: false,
  },
  {
    name: "compute",
    parameters: [{ name: "time", kind: "time", doc: "How much CPU time, in model time." }],
    doc: "Uses the CPU in user mode for a time.",
    kernel: null,
    result: false,
    inSetup: false,
    inTrigger: false,
  },
];
