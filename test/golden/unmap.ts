// Runs a recording of unmap_mapping_range (unmap/*.json) against the model: every event and the final state.

import { PAGE_SIZE, x86_64 } from "../../src/engine/kernel/common/arch.ts";
import { common as ORIGINAL } from "../../src/engine/kernel/common_functions.ts";
import { k, type Image } from "../../src/engine/kernel/image.ts";
import { boot, create_file, type System } from "../../src/engine/kernel/boot.ts";
import type { KernelName } from "../../src/engine/kernel/variants.ts";
import type { VmArea } from "../../src/engine/kernel/common/mm_types.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import type { SpinLock } from "../../src/engine/machine/spinlock.ts";
import { TRACEPOINTS, type TraceEvent, type TracepointName } from "../../src/engine/machine/trace.ts";
import { parseExactJson } from "./exact-json.ts";
import { World, type Command } from "./unmap-commands.ts";

interface Hook {
  readonly mode: "calls" | "always" | "every" | "flag";
  readonly at?: readonly number[];
  readonly n?: number;
}

type HookName = "R" | "P" | "I";

/** What a recording does: see FORMAT.md beside them. */
export interface Input {
  readonly steps: readonly Command[];
  readonly windows?: Readonly<Record<string, readonly Command[]>>;
  readonly hooks?: Partial<Record<HookName, Hook>>;
  readonly break_lock?: "sticky" | "cleared_on_acquire";
  readonly cpus?: number;
}

interface Recording {
  readonly name: string;
  readonly input: Input;
  readonly expected: readonly { readonly configs: readonly string[]; readonly events: readonly unknown[]; readonly final: unknown }[];
}

/** Which kernel a recording's version is. */
const KERNELS: Readonly<Record<string, KernelName>> = { "4of6": "vmtrunc4", "5of6": "vmtrunc5", "2.6.11": "2.6.11" };

/** The final state, as far as it is compared. */
interface Final {
  readonly truncate_count: number;
  readonly vmas: readonly {
    readonly vm_truncate_count: number;
    readonly left: Readonly<Record<"file" | "file_in_last_hole" | "anon" | "swap" | "file_pte" | "other", number>>;
    readonly [more: string]: unknown;
  }[];
  readonly [more: string]: unknown;
}

export interface UnmapResult {
  readonly config: string;
  /** Null if events and final state are as recorded; else what differs first, with its surroundings. */
  readonly mismatch: string | null;
}

/** Runs one recording in all configurations that `wanted` accepts and whose kernel the model has. */
export function runUnmapRecording(text: string, wanted: (config: string) => boolean): UnmapResult[] {
  // The format is the recordings' own; a file that does not follow it shows up as a mismatch.
  const recording = parseExactJson(text) as unknown as Recording;
  return recording.expected.flatMap(({ configs, events, final }) =>
    configs
      .filter((config) => wanted(config) && KERNELS[config.split("/")[0]!] !== undefined)
      .map((config) => {
        const [version, preempt] = config.split("/");
        const actual = replay(recording.input, KERNELS[version!]!, preempt === "preempt");
        return { config, mismatch: compare(events, actual.events) ?? difference("final state", final, actual.final) };
      }),
  );
}

/** Does what a recording does on any kernel: the events and the final state, as a recording writes them. */
export function replay(input: Input, kernel: KernelName, preempt: boolean): { events: unknown[][]; final: Final } {
  return new Recorder(input, kernel, preempt).run();
}

function compare(expected: readonly unknown[], actual: readonly unknown[]): string | null {
  for (let at = 0; at < Math.max(expected.length, actual.length); at++) {
    const [want, got] = [show(expected[at]), show(actual[at])];
    if (want === got) continue;
    const before = expected.slice(Math.max(0, at - 3), at).map((event) => `\n      ${show(event)}`);
    return `event ${at + 1}:${before.join("")}\n    - ${want}\n    + ${got}`;
  }
  return null;
}

function difference(path: string, want: unknown, got: unknown): string | null {
  if (typeof want === "object" && want !== null && typeof got === "object" && got !== null) {
    for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) {
      const inner = difference(`${path}.${key}`, (want as Record<string, unknown>)[key], (got as Record<string, unknown>)[key]);
      if (inner !== null) return inner;
    }
    return null;
  }
  return show(want) === show(got) ? null : `${path}:\n    - ${show(want)}\n    + ${show(got)}`;
}

/** A value of an event or of the final state as text; integers beyond 2^53 as they are, and 2^64 as the model's ULONG_MAX. */
function show(value: unknown): string {
  if (value === undefined) return "(nothing)";
  const exact = (inner: unknown): unknown => {
    if (inner === x86_64.word.ULONG_MAX) return String(2n ** 64n - 1n);
    return typeof inner === "bigint" ? (Number.isSafeInteger(Number(inner)) ? Number(inner) : String(inner)) : inner;
  };
  return JSON.stringify(value, (_key, inner: unknown) => exact(inner)).replace(/"(\d+)"/g, "$1");
}

function isRecorded([name]: Command): boolean {
  return name === "unmap" || name === "zap_page_range";
}

/** One run of a recording's input, recording as the original harness did. */
class Recorder {
  private readonly events: unknown[][] = [];
  private readonly system: System;
  private readonly world: World;
  private readonly calls: Record<HookName, number> = { R: 0, P: 0, I: 0 };
  private readonly flags: Record<HookName, boolean> = { R: false, P: false, I: false };
  private readonly totals = {
    present_ptes_cleared: 0,
    rmap_removed: 0,
    pages_released: 0,
    swap_freed: 0,
    file_ptes_cleared: 0,
    file_ptes_installed: 0,
    set_dirty: 0,
    marked_accessed: 0,
    tlb_flushes: 0,
    largest_batch: 0,
    zap_blocks: 0,
    lock_drops: 0,
  };
  private windows = 0;
  /** How deep in commands of a window: nothing is recorded below 1, and no check is true from 1 on. */
  private muted = false;
  private nested = false;
  /** In unmap_mapping_range, where a window is one without i_mmap_lock. */
  private unmapping = false;
  private hole: [number, number] = [1, 0];

  constructor(
    private readonly input: Input,
    kernel: KernelName,
    preempt: boolean,
  ) {
    const machineConfig = {
      cpus: input.cpus ?? 2,
      preempt,
      hz: 1000,
      break_lock: input.break_lock === "cleared_on_acquire" ? "cleared" : "sticky",
      costs: {},
      limits: { steps: Infinity, time: Infinity, pages: 1 << 20 },
    } as const;
    this.system = boot(kernel, x86_64, machineConfig, this.harness());
    this.world = new World(this.system, create_file(this.system, "file", 2 ** 40));
    Object.assign(this.system.image, { vm_area_alloc: this.world.vmAreaAlloc, vm_area_free: this.world.vmAreaFree });
    for (const name of Object.keys(TRACEPOINTS) as TracepointName[]) this.system.machine.sinks[name] = [(event) => this.observe(event)];
  }

  run(): { events: unknown[][]; final: Final } {
    const { machine } = this.system;
    machine.spawn("recording", machine.cpus[0]!, 120, null, this.steps(), 0);
    const outcome = machine.run(Infinity);
    if (outcome.kind === "bug") this.events.push(["bug", outcome.bug.message]);
    else if (outcome.kind !== "end") this.events.push([outcome.kind]);
    return { events: this.events, final: this.final() };
  }

  private *steps(): Kernel<void> {
    for (const command of this.input.steps) {
      if (isRecorded(command)) yield* this.traced(command);
      else yield* this.silently(command);
    }
  }

  private traced(command: Command): Kernel<void> {
    return command[0] === "unmap" ? this.unmap(command) : this.zap(command);
  }

  private *silently(command: Command): Kernel<void> {
    const before = this.muted;
    this.muted = true;
    yield* this.world.execute(command);
    this.muted = before;
  }

  private *unmap([, holebegin, holelen, even_cows]: Command): Kernel<void> {
    this.events.push(["call", "unmap_mapping_range", holebegin, holelen, even_cows]);
    const before = this.unmapping;
    this.unmapping = true;
    yield* k.unmap_mapping_range(this.world.file.f_mapping, BigInt(holebegin!), BigInt(holelen!), Number(even_cows));
    this.unmapping = before;
  }

  private *zap([, id, offset, pages]: Command): Kernel<void> {
    const vma = this.world.vmas.get(Number(id))!;
    this.events.push(["call", "zap_page_range", id, offset, pages]);
    const start = vma.vm_start + Number(offset) * PAGE_SIZE;
    yield* k.zap_page_range(vma, start, Number(pages) * PAGE_SIZE, null);
    this.events.push(["return", "zap_page_range"]);
  }

  /** The functions that the original harness replaced to answer checks and to run windows, and those whose calls it counted. */
  private harness(): Partial<Image> {
    const ask = (hook: HookName): Kernel<boolean> => this.ask(hook);
    const mappingLock = (lock: SpinLock): boolean => lock === this.world.file.f_mapping.i_mmap_lock;
    const preempt = (): boolean => this.system.machine.config.preempt;
    const openWindow = (): Kernel<void> => this.window();
    const { totals } = this;
    return {
      *need_resched() {
        return yield* ask("R");
      },
      *need_lockbreak(lock) {
        return preempt() && (yield* ask(mappingLock(lock) ? "I" : "P"));
      },
      *cond_resched() {
        yield* openWindow();
        return false;
      },
      ...this.counting(totals),
    };
  }

  private counting(totals: Record<string, number>): Partial<Image> {
    const count = <A extends unknown[], R>(name: string, original: (...args: A) => R) => {
      return (...args: A): R => {
        if (!this.muted) totals[name]! += 1;
        return original(...args);
      };
    };
    return {
      ptep_get_and_clear: count("present_ptes_cleared", ORIGINAL.ptep_get_and_clear),
      page_remove_rmap: count("rmap_removed", ORIGINAL.page_remove_rmap),
      free_swap_and_cache: count("swap_freed", ORIGINAL.free_swap_and_cache),
      clear_file_pte: count("file_ptes_cleared", ORIGINAL.clear_file_pte),
      set_file_pte: count("file_ptes_installed", ORIGINAL.set_file_pte),
      set_page_dirty: count("set_dirty", ORIGINAL.set_page_dirty),
      mark_page_accessed: count("marked_accessed", ORIGINAL.mark_page_accessed),
      tlb_remove_page: count("pages_released", ORIGINAL.tlb_remove_page),
    };
  }

  private *ask(name: HookName): Kernel<boolean> {
    if (this.muted || this.nested) return false;
    const call = (this.calls[name] += 1);
    const value = this.answer(name, call);
    this.events.push(["chk", name, call, Number(value)]);
    return value;
  }

  private answer(name: HookName, call: number): boolean {
    const hook = this.input.hooks?.[name];
    if (hook === undefined) return false;
    if (hook.mode === "always") return true;
    if (hook.mode === "every") return call % hook.n! === 0;
    if (hook.mode === "calls") return hook.at!.includes(call);
    if (hook.at!.includes(call)) this.flags[name] = true;
    return this.flags[name];
  }

  /** cond_resched(): the j-th one runs what the recording does in window j. */
  private *window(): Kernel<void> {
    if (this.muted || this.nested) return;
    const number = (this.windows += 1);
    this.events.push(["cond_resched", number, this.unmapping ? "i_mmap_dropped" : "other"]);
    if (this.unmapping) this.totals.lock_drops += 1;
    this.flags.R = false;
    for (const command of this.input.windows?.[number] ?? []) {
      this.events.push(["mutate", command.join(" ")]);
      if (isRecorded(command)) {
        this.nested = true;
        yield* this.traced(command);
        this.nested = false;
      } else {
        yield* this.silently(command);
      }
    }
  }

  private observe({ name, args }: TraceEvent): void {
    if (name === "lock_acquire") this.clearFlag(args["lock"] as SpinLock);
    if (this.muted) return;
    const recorded = this.translate(name, args as Record<string, never>);
    if (recorded !== null) this.events.push(recorded);
  }

  private clearFlag(lock: SpinLock): void {
    if (this.input.break_lock !== "cleared_on_acquire") return;
    this.flags[lock === this.world.file.f_mapping.i_mmap_lock ? "I" : "P"] = false;
  }

  /** A tracepoint as the recordings write it; null for those they do not have. */
  private translate(name: TracepointName, args: Record<string, never>): unknown[] | null {
    const id = (vma: VmArea): number => this.world.ids.get(vma)!;
    const lock = (verb: string, { name: lockName }: { name: string }): unknown[] | null => {
      if (lockName === "file.i_mmap_lock") return [verb, "i_mmap"];
      return lockName.endsWith(".page_table_lock") ? [verb, "ptl", Number(lockName.split(".")[0])] : null;
    };
    const { vma, start, end } = args as unknown as { vma: VmArea; start: number; end: number };
    switch (name) {
      case "lock_acquire":
        return lock("lock", args["lock"]!);
      case "lock_release":
        return lock("unlock", args["lock"]!);
      case "unmap_begin":
        if (!this.nested) this.hole = [args["first_index"]!, args["last_index"]!];
        return ["truncate_count", args["truncate_count"], args["first_index"], args["last_index"]];
      case "unmap_end":
        return ["return", "unmap_mapping_range", this.leftInHole(args["first_index"]!, args["last_index"]!)];
      case "vma_reset":
        return ["reset_count", id(vma)];
      case "unmap_pass":
        return args["pass"] === "list" || args["pass"] === "tree" ? ["pass", args["pass"], Number(args["non_empty"])] : null;
      case "vma_enter":
        return ["enter", id(vma), start, end];
      case "vma_resume":
        return ["resume", id(vma), args["restart_addr"], args["restart_pgoff"]];
      case "vma_skip":
        return ["skip", id(vma)];
      case "tlb_gather":
        return ["gather", Number((args["mm"] as { name: string }).name), args["fullmm"]];
      case "zap_block":
        this.totals.zap_blocks += 1;
        return ["zap", id(vma), start, end];
      case "tlb_finish":
        return ["finish", start, end, args["freed"]];
      case "tlb_flush":
        this.totals.tlb_flushes += 1;
        this.totals.largest_batch = Math.max(this.totals.largest_batch, args["released"]!);
        return ["flush", args["released"], args["why"]];
      case "break_addr":
        return ["break_addr", id(vma), args["break_addr"]];
      case "restart_save":
        return ["save", id(vma), args["restart_addr"], args["restart_pgoff"]];
      case "vma_continue":
        return ["continue", id(vma), start];
      case "vma_complete":
        return ["done", id(vma), args["count"]];
      case "restart":
        return ["rescan"];
      case "hugetlb_zap":
        return ["hugezap", id(vma), start, end];
      default:
        return null;
    }
  }

  private leftInHole(first: number, last: number): number {
    return this.world
      .living()
      .flatMap((vma) => this.world.mapped(vma))
      .filter(({ kind, index }) => kind === "file" && index >= first && index <= last).length;
  }

  private final(): Final {
    const { file } = this.world;
    return {
      truncate_count: file.f_mapping.truncate_count,
      vmas: this.world.living().map((vma) => this.finalVma(vma)),
      mms: this.world.addressSpaces().map(([id, { rss, anon_rss }]) => ({ id, rss, anon_rss })),
      totals: { ...this.totals, checks: this.calls },
    };
  }

  private finalVma(vma: VmArea): Final["vmas"][number] {
    const mapped = this.world.mapped(vma);
    const count = (kind: string): number => mapped.filter((page) => page.kind === kind).length;
    const inHole = mapped.filter(({ kind, index }) => kind === "file" && index >= this.hole[0] && index <= this.hole[1]).length;
    return {
      id: this.world.ids.get(vma),
      mm: Number(vma.vm_mm.name),
      start: vma.vm_start,
      end: vma.vm_end,
      pgoff: vma.vm_pgoff,
      where: vma.shared.parent === null && this.onList(vma) ? "list" : "tree",
      vm_truncate_count: vma.vm_truncate_count,
      left: {
        file: count("file"),
        file_in_last_hole: inHole,
        anon: count("anon"),
        swap: count("swap"),
        file_pte: count("file_pte"),
        other: count("other"),
      },
      file_ptes: mapped.filter(({ kind }) => kind === "file_pte").map(({ at, index }) => [at, index]),
    };
  }

  private onList(vma: VmArea): boolean {
    const head = this.world.file.f_mapping.i_mmap_nonlinear;
    for (let link = head.next; link !== head; link = link.next) if (link.entry === vma) return true;
    return false;
  }
}
