// Records what the model does with the input of a recording, as the original harness recorded the original code.

import { PAGE_SIZE, x86_64 } from "../../src/engine/kernel/common/arch.ts";
import { boot, create_file, type System } from "../../src/engine/kernel/boot.ts";
import { k, type Image } from "../../src/engine/kernel/image.ts";
import { image_of } from "../../src/engine/kernel/linking.ts";
import { PteLock, type VmArea } from "../../src/engine/kernel/common/mm_types.ts";
import type { KernelName } from "../../src/engine/kernel/variants.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import type { SpinLock } from "../../src/engine/machine/spinlock.ts";
import type { Task } from "../../src/engine/machine/task.ts";
import { TRACEPOINTS, type TraceEvent, type TracepointName } from "../../src/engine/machine/trace.ts";
import { finalState, isLater, type Final } from "./unmap-final.ts";
import { World, type Command } from "./unmap-commands.ts";

interface Hook {
  readonly mode: "calls" | "always" | "every" | "flag";
  readonly at?: readonly number[];
  readonly n?: number;
}

type HookName = "R" | "P" | "I" | "B";

/** What a recording does: see FORMAT.md beside them. */
export interface Input {
  readonly steps: readonly Command[];
  readonly windows?: Readonly<Record<string, readonly Command[]>>;
  readonly hooks?: Partial<Record<HookName, Hook>>;
  readonly break_lock?: "sticky" | "cleared_on_acquire";
  readonly cpus?: number;
}

function isRecorded([name]: Command): boolean {
  return name === "unmap" || name === "zap_page_range";
}

/** One run of a recording's input, recording as the original harness did. */
export class Recorder {
  private readonly events: unknown[][] = [];
  private readonly system: System;
  private readonly world: World;
  private readonly calls: Record<HookName, number> = { R: 0, P: 0, I: 0, B: 0 };
  private readonly flags: Record<HookName, boolean> = { R: false, P: false, I: false, B: false };
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
  /** Commands of windows that the other task has still to carry out. */
  private readonly pending: Command[] = [];
  /** The task that carries them out; null while there is none to carry out. */
  private other: Task | null = null;
  /** Whether what the task of the recording, or the other one, does is recorded. */
  private readonly recorded = { main: false, other: false };
  /** In unmap_mapping_range, where a window is one without i_mmap_lock up to 2.6.38. */
  private unmapping = false;
  private hole: [number, number] = [1, 0];
  private readonly isLater: boolean;

  constructor(
    private readonly input: Input,
    private readonly kernel: KernelName,
    preempt: boolean,
  ) {
    this.isLater = isLater(kernel);
    const machineConfig = {
      cpus: input.cpus ?? 2,
      preempt,
      hz: 1000,
      break_lock: this.isLater || input.break_lock === "cleared_on_acquire" ? "cleared" : "sticky",
      costs: {},
      limits: { steps: Infinity, time: Infinity, pages: 1 << 20 },
    } as const;
    this.system = boot(kernel, x86_64, machineConfig, this.harness());
    this.world = new World(this.system, create_file(this.system, "file", 2 ** 40), this.isLater);
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
    for (const command of this.input.steps) yield* this.carryOut(command);
  }

  /** One command, by the task of the recording or by the other one. */
  private *carryOut(command: Command): Kernel<void> {
    const { by } = this;
    this.recorded[by] = isRecorded(command);
    if (command[0] === "unmap") yield* this.unmap(command);
    else if (command[0] === "zap_page_range") yield* this.zap(command);
    else yield* this.world.execute(command);
    this.recorded[by] = false;
  }

  private *unmap([, holebegin, holelen, even_cows]: Command): Kernel<void> {
    const { by } = this;
    this.events.push(["call", "unmap_mapping_range", holebegin, holelen, even_cows]);
    if (by === "main") this.unmapping = true;
    yield* k.unmap_mapping_range(this.world.file.f_mapping, BigInt(holebegin!), BigInt(holelen!), Number(even_cows));
    if (by === "main") this.unmapping = false;
  }

  private *zap([, id, offset, pages]: Command): Kernel<void> {
    const vma = this.world.vmas.get(Number(id))!;
    const start = vma.vm_start + Number(offset) * PAGE_SIZE;
    const size = Number(pages) * PAGE_SIZE;
    // The recordings of the later kernels have what the command says, in pages.
    this.events.push(["call", "zap_page_range", ...(this.isLater ? [id, offset, pages] : [id, start, size])]);
    yield* k.zap_page_range(vma, start, size, null);
    this.events.push(["return", "zap_page_range"]);
  }

  private get by(): "main" | "other" {
    return this.other !== null && this.system.machine.current === this.other ? "other" : "main";
  }

  /** Is what the current task does recorded? */
  private get isRecording(): boolean {
    return this.recorded[this.by];
  }

  /** The functions that the original harness replaced to answer checks and to run windows, and those whose calls it counted. */
  private harness(): Partial<Image> {
    const ask = (hook: HookName): Kernel<boolean> => this.ask(hook);
    const mappingLock = (lock: SpinLock): boolean => lock === this.world.file.f_mapping.i_mmap_lock;
    const preempt = (): boolean => this.system.machine.config.preempt;
    const allocates = (): boolean => this.allocates();
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
      tlb_alloc_batch: allocates,
      ...this.counting(totals),
    };
  }

  private counting(totals: Record<string, number>): Partial<Image> {
    const original = image_of(this.kernel);
    const count = <A extends unknown[], R>(name: string, uncounted: (...args: A) => R) => {
      return (...args: A): R => {
        if (this.isRecording) totals[name]! += 1;
        return uncounted(...args);
      };
    };
    return {
      ptep_get_and_clear: count("present_ptes_cleared", original.ptep_get_and_clear),
      page_remove_rmap: count("rmap_removed", original.page_remove_rmap),
      free_swap_and_cache: count("swap_freed", original.free_swap_and_cache),
      clear_file_pte: count("file_ptes_cleared", original.clear_file_pte),
      set_file_pte: count("file_ptes_installed", original.set_file_pte),
      set_page_dirty: count("set_dirty", original.set_page_dirty),
      mark_page_accessed: count("marked_accessed", original.mark_page_accessed),
      tlb_remove_page: count("pages_released", original.tlb_remove_page),
    };
  }

  private *ask(name: HookName): Kernel<boolean> {
    if (!this.isRecording || this.by === "other") return false;
    const call = (this.calls[name] += 1);
    const value = this.answer(name, call);
    this.events.push(["chk", name, call, Number(value)]);
    return value;
  }

  /** Is there memory for a further batch? */
  private allocates(): boolean {
    if (!this.isRecording) return true;
    const value = this.by === "other" || !this.answer("B", (this.calls.B += 1));
    this.events.push(["batch", value ? 510 : "none"]);
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

  /** cond_resched(): in the j-th one the other task begins what the recording does in window j. */
  private *window(): Kernel<void> {
    if (!this.isRecording || this.by === "other") return;
    const number = (this.windows += 1);
    this.events.push(["cond_resched", number, !this.unmapping ? "other" : this.kernel === "3.0" ? "i_mmap_held" : "i_mmap_dropped"]);
    if (this.unmapping && this.kernel !== "3.0") this.totals.lock_drops += 1;
    this.flags.R = false;
    this.pending.push(...(this.input.windows?.[number] ?? []));
    if (this.pending.length === 0 || this.other !== null) return;
    const { machine } = this.system;
    this.other = machine.spawn("other", machine.helper_cpu, 120, null, this.windowCommands(), machine.cpu.clock);
    machine.hold_for(this.other);
  }

  private *windowCommands(): Kernel<void> {
    for (let command = this.pending.shift(); command !== undefined; command = this.pending.shift()) {
      this.events.push(["mutate", command.join(" ")]);
      yield* this.carryOut(command);
    }
    this.other = null;
  }

  private observe({ name, args }: TraceEvent): void {
    if (name === "lock_acquire") this.clearFlag(args["lock"] as SpinLock);
    if (name === "lock_contended" && this.by === "other") this.events.push(["waits", this.lockName(args["lock"] as SpinLock)?.[0]]);
    if (this.isRecording) {
      const recorded = this.translate(name, args as Record<string, never>);
      if (recorded !== null) this.events.push(recorded);
    }
    if (name !== "lock_release" || this.other === null || this.other.waiting_on !== args["lock"] || this.by === "other") return;
    this.events.push(["goes_on"]);
    this.system.machine.hold_for(this.other);
  }

  private clearFlag(lock: SpinLock): void {
    if (this.input.break_lock !== "cleared_on_acquire") return;
    this.flags[lock === this.world.file.f_mapping.i_mmap_lock ? "I" : "P"] = false;
  }

  /** A tracepoint as the recordings write it; null for those they do not have. */
  private translate(name: TracepointName, args: Record<string, never>): unknown[] | null {
    const id = (vma: VmArea): number => this.world.ids.get(vma)!;
    const lock = (verb: string, which: SpinLock): unknown[] | null => {
      const recorded = this.lockName(which);
      return recorded === null ? null : [verb, ...recorded];
    };
    const { vma, start, end } = args as unknown as { vma: VmArea; start: number; end: number };
    switch (name) {
      case "lock_acquire":
        return lock("lock", args["lock"]!);
      case "lock_release":
        return lock("unlock", args["lock"]!);
      case "unmap_begin":
        if (this.by === "main") this.hole = [args["first_index"]!, args["last_index"]!];
        return this.kernel === "3.0"
          ? ["range", args["first_index"], args["last_index"]]
          : ["truncate_count", args["truncate_count"], args["first_index"], args["last_index"]];
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
        return this.isLater ? ["finish", start, end] : ["finish", start, end, args["freed"]];
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
      case "bad_pte":
        return ["bad_pte", id(vma), args["address"]];
      case "hugetlb_zap":
        return ["hugezap", id(vma), start, end];
      default:
        return null;
    }
  }

  /** How the recordings name a lock; null for those that they do not have. */
  private lockName(lock: SpinLock): unknown[] | null {
    if (lock instanceof PteLock) return ["pte", Number(lock.mm), lock.address];
    if (lock.name === "file.i_mmap_lock" || lock.name === "file.i_mmap_mutex") return ["i_mmap"];
    if (lock.name === "file.unmap_mutex") return ["unmap_mutex"];
    return lock.name.endsWith(".page_table_lock") && !this.isLater ? ["ptl", Number(lock.name.split(".")[0])] : null;
  }

  private leftInHole(first: number, last: number): number {
    return this.world
      .living()
      .flatMap((vma) => this.world.mapped(vma))
      .filter(({ kind, index }) => kind === "file" && index >= first && index <= last).length;
  }

  private final(): Final {
    const { R, P, I } = this.calls;
    return finalState(this.kernel, this.world, this.hole, { ...this.totals, checks: { R, P, I } });
  }
}
