// The calls of tasks, processes and triggers. To add one: an entry here, and its implementation in run/invocations.ts.

import type { CallEntry, Parameter } from "./types.ts";

const SPAN: Parameter = { name: "range", type: "span", doc: "A mapping, or a byte range of it: V or V[0 .. 64K]." };
const SPAN_UP: Parameter = { ...SPAN, pageRounding: "up" };
const PROT_DOC = "What the pages may be used for";
const NEW_SIZE: Parameter = {
  name: "size",
  type: "size",
  pageRounding: "partial",
  doc: "Its new size in bytes. Pages wholly behind it are unmapped everywhere.",
};

/** System calls that tasks, set-ups and triggers can make, and that return 0 or an error. */
const SYSTEM_CALL = { result: null, value: "number", inSetup: true, inTrigger: true } as const;
/** Actions of user code. */
const USER = { result: null, value: null } as const;
const ACCESS = { ...USER, kernel: "handle_mm_fault", inSetup: true, inTrigger: true } as const;

export const CALLS: readonly CallEntry[] = [
  {
    ...SYSTEM_CALL,
    name: "mmap",
    parameters: [
      {
        name: "file",
        type: "file",
        nullable: true,
        doc: "The file to map. NULL: memory of its own, which takes a length and flags: private.",
      },
      {
        name: "length",
        type: "size",
        default: null,
        pageRounding: "up",
        doc: "Bytes to map; left out: from the offset to the end of the file.",
      },
      { name: "prot", type: "prot", default: ["read", "write"], doc: `${PROT_DOC}: read, write, exec, none.` },
      { name: "flags", type: "sharing", default: ["shared"], doc: "shared, or private: writes then go to copies." },
      { name: "offset", type: "size", default: 0, pageRounding: "refuse", doc: "Where in the file the mapping begins." },
      {
        name: "at",
        type: "address",
        default: null,
        pageRounding: "refuse",
        doc: "The address (MAP_FIXED): what is mapped there is replaced. Left out: the kernel chooses.",
      },
      {
        name: "in",
        type: "process",
        default: null,
        doc: "The process whose mapping it is; left out: the own one. Triggers have none of their own.",
      },
    ],
    doc: "Maps a stretch of a file. The result is the mapping: V = mmap(data).",
    kernel: "do_mmap_pgoff",
    result: "mapping",
    value: "address",
  },
  {
    ...SYSTEM_CALL,
    name: "munmap",
    parameters: [SPAN_UP],
    doc: "Unmaps the range; a mapping that is cut in its middle is split.",
    kernel: "do_munmap",
  },
  {
    ...SYSTEM_CALL,
    name: "mprotect",
    parameters: [SPAN_UP, { name: "prot", type: "prot", doc: `${PROT_DOC} from now on: read, write, exec, none.` }],
    doc: "Changes the protection of the range; splits and merges vmas as needed.",
    kernel: "sys_mprotect",
  },
  {
    ...SYSTEM_CALL,
    name: "mremap",
    parameters: [
      SPAN_UP,
      { name: "size", type: "size", default: null, pageRounding: "up", doc: "The new length in bytes; left out: as long as it is." },
      {
        name: "at",
        type: "address",
        default: null,
        pageRounding: "refuse",
        doc: "Where to move it (MREMAP_FIXED): what is mapped there is replaced. Left out: where it is, or where there is room.",
      },
      { name: "flags", type: "moving", default: ["maymove"], doc: "maymove, or stay: fails where there is no room to grow." },
    ],
    doc:
      "Makes a mapping longer or shorter, or moves it, page by page. The result is the mapping where it is then: V = " +
      "mremap(V, size: 2M).",
    kernel: "do_mremap",
    result: "mapping",
    value: "address",
  },
  {
    ...SYSTEM_CALL,
    name: "remap_file_pages",
    parameters: [
      { ...SPAN, pageRounding: "down" },
      { name: "offset", type: "size", pageRounding: "refuse", doc: "The offset in the file that the range is to show." },
    ],
    doc: "Makes the range show other pages of its file; the mapping becomes nonlinear.",
    kernel: "sys_remap_file_pages",
  },
  {
    ...SYSTEM_CALL,
    name: "madvise",
    parameters: [SPAN_UP, { name: "advice", type: "advice", default: ["dontneed"], doc: "dontneed: the pages are given back." }],
    doc: "Gives the pages of the range back and keeps the mapping. Private copies are lost.",
    kernel: "sys_madvise",
  },
  {
    ...SYSTEM_CALL,
    name: "msync",
    parameters: [SPAN_UP],
    doc: "Writes back what was written to shared mappings of the range (MS_SYNC): dirty bits move from the ptes to the pages.",
    kernel: "sys_msync",
  },
  {
    ...SYSTEM_CALL,
    name: "fork",
    parameters: [
      {
        name: "process",
        type: "process",
        default: null,
        doc: "The process that forks; left out: the own one. Triggers have none of their own.",
      },
    ],
    doc: "Makes a process with a copy of the address space: child = fork(). Its mappings are child.V …; it executes nothing by itself.",
    kernel: "dup_mmap",
    result: "process",
  },
  {
    ...SYSTEM_CALL,
    name: "exit",
    parameters: [
      {
        name: "process",
        type: "process",
        default: null,
        doc: "The process that exits; left out: the own one, and the task ends. Triggers have none of their own.",
      },
    ],
    doc: "The process exits: its address space goes away as a whole, as soon as none of its tasks is left.",
    kernel: "exit_mmap",
    value: null,
    inSetup: false,
  },
  {
    ...SYSTEM_CALL,
    name: "truncate",
    parameters: [{ name: "file", type: "file", doc: "The file to cut, or to lengthen." }, NEW_SIZE],
    doc: "Sets the size of a file, holding its i_sem.",
    kernel: "vmtruncate",
  },
  {
    ...SYSTEM_CALL,
    name: "ftruncate",
    parameters: [{ name: "file", type: "file", doc: "The open file to cut, or to lengthen." }, NEW_SIZE],
    doc: "The same as truncate, by a file that is open.",
    kernel: "vmtruncate",
  },
  {
    ...SYSTEM_CALL,
    name: "invalidate",
    parameters: [
      { name: "file", type: "file", doc: "The file whose pages are dropped." },
      { name: "range", type: "bytes", default: null, doc: "Which bytes: 8K .. 12K; every page that they touch. Left out: all." },
    ],
    doc: "Unmaps pages of a file and drops them from the page cache, without i_sem. Private copies stay.",
    kernel: "invalidate_inode_pages2_range",
  },
  {
    ...SYSTEM_CALL,
    name: "direct_write",
    parameters: [
      { name: "file", type: "file", doc: "The file that is written to." },
      { name: "range", type: "bytes", pageRounding: "sector", doc: "Which bytes: 0 .. 64K. Behind the end they lengthen the file." },
    ],
    doc:
      "Writes past the page cache (O_DIRECT), holding i_sem: the whole file is unmapped first; private copies stay. " +
      "Returns how many bytes.",
    kernel: "generic_file_direct_write",
  },
  {
    ...SYSTEM_CALL,
    name: "swap_out",
    parameters: [SPAN],
    doc: "Swaps the anonymous pages of the range out, as memory pressure would. Returns how many.",
    kernel: "try_to_unmap_one",
  },
  {
    ...ACCESS,
    name: "touch",
    parameters: [SPAN],
    doc: "Faults in every page of the range that is not present yet, as one read of each would.",
  },
  { ...ACCESS, name: "read", parameters: [SPAN], doc: "Reads from every page of the range." },
  {
    ...ACCESS,
    name: "write",
    parameters: [SPAN],
    doc: "Writes to every page of the range; in a private mapping each page is copied first.",
  },
  {
    ...USER,
    name: "sleep",
    parameters: [{ name: "time", type: "time", doc: "How long, in model time." }],
    doc: "Gives the CPU away for a time.",
    kernel: "schedule_timeout",
    inSetup: false,
    inTrigger: false,
  },
  {
    ...USER,
    name: "compute",
    parameters: [{ name: "time", type: "time", doc: "How much CPU time, in model time." }],
    doc: "Uses the CPU in user mode for a time.",
    kernel: null,
    inSetup: false,
    inTrigger: false,
  },
  {
    ...USER,
    name: "yield",
    parameters: [],
    doc: "Lets other tasks go first that are as urgent.",
    kernel: "sys_sched_yield",
    inSetup: false,
    inTrigger: false,
  },
  {
    ...USER,
    name: "barrier",
    parameters: [{ name: "name", type: "label", default: "", doc: 'Which barrier, if there are several: "begin".' }],
    doc: "Waits until every task that comes to this barrier has come, or has ended.",
    kernel: null,
    inSetup: false,
    inTrigger: false,
  },
];
