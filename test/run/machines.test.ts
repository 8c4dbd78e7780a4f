// Scenarios on machines of every kind: archs, and from 1 to 64 CPUs.

import assert from "node:assert/strict";
import { ARCHITECTURES } from "../../src/engine/kernel/common/arch.ts";
import { VmArea } from "../../src/engine/kernel/common/mm_types.ts";
import { TRACEPOINTS, type TraceEvent, type TracepointName } from "../../src/engine/machine/trace.ts";
import { check_consistency } from "../../src/engine/observe/consistency.ts";
import { parseScenario, type Program } from "../../src/scenario/index.ts";
import { Simulation } from "../../src/scenario/run/simulation.ts";
import { EXAMPLES } from "../examples.ts";

const ALL_CALLS = `file data size 64K
  process p { V = mmap(data) touch(V) P = mmap(NULL, 32K, flags: private) write(P) }
  process q { W = mmap(data, flags: private) write(W[0 .. 16K]) }
  task a in p on cpu 0 {
    remap_file_pages(V[0 .. 8K], 32K)
    child = fork()
    write(P)
    swap_out(child.P)
    touch(child.P)
    V = mremap(V, size: 128K)
    let e = munmap(V[1 .. 5])
    invalidate(data, 8K .. 40K)
    touch(V[0 .. 32K])
    madvise(V[0 .. 16K])
    msync(V)
    exit(child)
    direct_write(data, 0 .. 4K)
  }
  task b in q on cpu 1 { barrier() ftruncate(data, 32K) truncate(data, 64K) touch(W) exit() }
  task c in p on cpu 1 { yield() barrier() mprotect(P[0 .. 8K], none) touch(P[0 .. 4K]) }
  on lockbreak(data) { read(q.W[0 .. 4K]) }`;

function parsed(text: string): Program {
  const { program, diagnostics } = parseScenario(text);
  assert.ok(program, diagnostics.map(({ message }) => message).join("\n"));
  return program;
}

/** What an event says apart from addresses, and from the numbers of pages, of which upper levels of page tables take some. */
function withoutAddresses({ name, task, cpu, time, args }: TraceEvent): string {
  const reported = Object.entries(args).filter(
    ([key]) => !/^(start|end|address|restart_addr|break_addr|result|page|old_addr|new_addr)$/.test(key),
  );
  const show = (value: unknown): unknown => {
    // Anonymous memory is numbered by its addresses.
    if (value instanceof VmArea) return `${value.name} ${value.vm_file === null ? "" : value.vm_pgoff} ${value.vm_end - value.vm_start}`;
    if (typeof value === "object" && value !== null) return "name" in value ? value.name : "";
    return value === 2 ** 64 || value === 2 ** 32 - 1 ? "ULONG_MAX" : value;
  };
  return `${name} ${task?.name} ${cpu} ${time} ${reported.map(([key, value]) => `${key}=${String(show(value))}`).join(" ")}`;
}

describe("archs", () => {
  for (const { name, text } of [{ name: "all calls", text: ALL_CALLS }, ...EXAMPLES]) {
    it(`make no difference to the events of ${name}`, () => {
      const program = parsed(text);
      const streams = Object.values(ARCHITECTURES).map((arch) => {
        // More levels of page tables take more pages, and cleared ptes are charged for a table at a time, which has half as many:
        // these are differences, but only of time.
        const machine = { ...program.machine, arch: arch.name, costs: { ...program.machine.costs, page_alloc: 0, pte_clear: 0 } };
        const simulation = new Simulation({ ...program, machine });
        const events: string[] = [];
        for (const event of Object.keys(TRACEPOINTS) as TracepointName[]) {
          (simulation.machine.sinks[event] ??= []).push((passed) => {
            if (event !== "page_free" && !simulation.machine.time_frozen) events.push(withoutAddresses(passed));
          });
        }
        const outcome = simulation.machine.run(Infinity);
        assert.equal(outcome.kind === "bug" ? outcome.bug.code : outcome.kind, program.expected?.code ?? "end");
        if (outcome.kind === "end") assert.deepEqual(check_consistency(simulation.system), []);
        return events;
      });
      assert.ok(streams[0]!.length > 10);
      for (const stream of streams) assert.deepEqual(stream, streams[0]);
    });
  }

  it("have address spaces of their own sizes", () => {
    for (const [arch, fits] of [
      ["i386", false],
      ["i386-pae", false],
      ["x86_64", true],
    ] as const) {
      const { diagnostics } = parseScenario(`machine { arch: ${arch} }\nfile data size 4G\nprocess p { V = mmap(data, at: 0x8000_0000) }`);
      assert.deepEqual(
        diagnostics.map(({ code }) => code),
        fits ? [] : ["VMSCN072"],
        arch,
      );
    }
  });
});

describe("CPUs", () => {
  it("from 1 to 64 run a task each at the same time", () => {
    for (const cpus of [1, 2, 7, 64]) {
      const tasks = Array.from(
        { length: cpus },
        (_, cpu) => `task t${cpu} in p[${cpu}] on cpu ${cpu} { munmap(V[0 .. 16K]) touch(V[16K .. 64K]) mprotect(V[32K .. 64K], read) }`,
      );
      const simulation = new Simulation(
        parsed(`machine { cpus: ${cpus} }\nfile data size 64K\nprocess p * ${cpus} { V = mmap(data) touch(V) }\n${tasks.join("\n")}`),
      );
      assert.equal(simulation.machine.run(Infinity).kind, "end");
      assert.deepEqual(check_consistency(simulation.system), []);
      assert.deepEqual(new Set(simulation.machine.tasks.slice(1).map(({ cpu, state }) => `${cpu.id} ${state}`)).size, cpus);
      assert.ok(simulation.machine.cpus.every(({ clock }) => clock > 0));
    }
  });

  it("decide how pages are gathered: one frees them at once, several in batches of 506", () => {
    for (const [cpus, preempt, released] of [
      [1, "off", [0]],
      [2, "off", [506, 506, 12]],
      [2, "on", Array<number>(128).fill(8)],
    ] as const) {
      const machine = `machine { cpus: ${cpus} preempt: ${preempt} }`;
      const simulation = new Simulation(
        parsed(`${machine}\nfile data size 4M\nprocess p { V = mmap(data) touch(V) }\ntask t in p on cpu 0 { munmap(V) }`),
      );
      const flushes: number[] = [];
      simulation.machine.sinks.tlb_flush = [({ args }) => flushes.push(args["released"] as number)];
      simulation.machine.run(Infinity);
      assert.deepEqual(flushes, released);
    }
  });
});
