// The calls of scenarios: what they return, how tasks end by them, and what triggers can do with them.

import assert from "node:assert/strict";
import type { KernelName } from "../../src/engine/kernel/variants.ts";
import type { TraceEvent, TracepointName } from "../../src/engine/machine/trace.ts";
import { check_consistency } from "../../src/engine/observe/consistency.ts";
import { CALLS } from "../../src/scenario/catalogue/index.ts";
import type { Simulation } from "../../src/scenario/run/simulation.ts";
import { holds, simulate } from "./support.ts";

/** Runs to the end; the events after the set-up, each as its task and what `of` takes from it. */
function events(simulation: Simulation, names: readonly TracepointName[], of: (event: TraceEvent) => string): string[] {
  const seen: string[] = [];
  for (const name of names) {
    (simulation.machine.sinks[name] ??= []).push((event) => {
      if (!simulation.machine.time_frozen) seen.push(`${event.task?.name ?? ""} ${of(event)}`);
    });
  }
  simulation.machine.run(Infinity);
  return seen;
}

const call = ({ args }: TraceEvent): string => String(args["call"]);
const returned = ({ args }: TraceEvent): string => `${String(args["call"])} ${String(args["result"])}`;

const HEAD = `machine { cpus: 4 }
  file data size 64K
  process p { V = mmap(data) touch(V) }
  process q * 2 { W = mmap(data) touch(W) P = mmap(NULL, 32K, flags: private) write(P) }`;

describe("what a call returns", () => {
  it("is a value in let, in if and in checks, and an event", () => {
    const text = `${HEAD}
      task churn in p on cpu 0 {
        let e = munmap(V[1 .. 5])
        if munmap(V[1 .. 5]) == -EINVAL { munmap(V[0 .. 4K]) }
        if mremap(V[4K .. 8K], at: 0x8000_0000) == 0x8000_0000 and mprotect(V[4K .. 8K], read) == -ENOMEM { munmap(V[8K .. 12K]) }
      }
      check after churn e == -EINVAL and munmap(V[1 .. 5]) == -EINVAL and munmap(V[8K .. 12K]) == 0
      check finally munmap(p.V[1 .. 5]) == -EINVAL
      check finally munmap(p.V[0 .. 4K]) == 0
      check finally mprotect(p.V[4K .. 8K], prot: read) < 0`;
    holds(text);
    assert.deepEqual(events(simulate(text), ["syscall_exit"], returned), [
      "churn munmap -22",
      "churn munmap -22",
      "churn munmap 0",
      `churn mremap ${0x8000_0000}`,
      "churn mprotect -12",
      "churn munmap 0",
    ]);
  });

  it("has no value before the first such call: the check fails with that reason", () => {
    const simulation = simulate(`${HEAD}\ntask t in p on cpu 0 { munmap(V) }\ncheck after t munmap(V[0 .. 4K]) == 0`);
    simulation.machine.run(Infinity);
    assert.match(simulation.checks.results[0]!.failure!.why, /no such munmap has returned/);
  });

  it("of calls in an operator is evaluated with the short circuits of C", () => {
    const seen = events(
      simulate(`${HEAD}
      task t in p on cpu 0 {
        if munmap(V[0 .. 4K]) == 0 or munmap(V[1 .. 5]) == 0 { }
        if munmap(V[1 .. 5]) == 0 && munmap(V) == 0 { }
        let x = munmap(V[4K .. 8K]) == 0 ? msync(V) : madvise(V)
      }`),
      ["syscall_enter"],
      call,
    );
    assert.deepEqual(seen, ["t munmap", "t munmap", "t munmap", "t msync"]);
  });

  it("makes a trigger act", () => {
    const seen = events(
      simulate(`${HEAD}
      task t in p on cpu 0 { munmap(V[1 .. 5]) munmap(V[0 .. 4K]) }
      task u in p on cpu 1 { munmap(V[1 .. 5]) }
      on syscall_exit(t) where error == -EINVAL { invalidate(data) }`),
      ["syscall_exit"],
      call,
    );
    assert.deepEqual(
      seen.filter((line) => line.includes("invalidate")),
      ["on syscall_exit 1.1 invalidate"],
    );
  });

  it("of an mmap that fails is where the mapping begins, and to use it ends in a signal", () => {
    const simulation = holds(`${HEAD}
      task t in p on cpu 0 {
        X = mmap(data, length: 3G)
        if X.start == -ENOMEM and munmap(X) == -EINVAL { compute(1us) touch(X) munmap(V) }
      }
      check after t X.start == -ENOMEM and V.vma != NULL`);
    assert.equal(simulation.globals.tasks.get("t")!.state, "done");
  });
});

describe("a signal", () => {
  it("is an event and ends the task that made the access, and no other", () => {
    const text = `${HEAD}
      task out in p on cpu 0 { munmap(V[4K .. 8K]) touch(V) munmap(V) }
      task beyond in q[0] on cpu 1 { sleep(100us) truncate(data, 4K) repeat 3 { touch(W[8K .. 12K]) compute(1us) } munmap(W) }
      task fine in q[1] on cpu 2 { sleep(500us) touch(W[0 .. 4K]) }
      check after out p.V.vma != NULL
      check finally q[0].W.vma != NULL`;
    holds(text);
    const seen = events(simulate(text), ["signal", "syscall_exit"], ({ name, args }) =>
      name === "signal" ? `signal ${String(args["signal"])}` : String(args["call"]),
    );
    assert.deepEqual(seen, ["out munmap", "out signal 11", "beyond sleep", "beyond truncate", "beyond signal 7", "fine sleep"]);
  });

  it("ends a trigger's helper", () => {
    const seen = events(
      simulate(`${HEAD}
      task t in p on cpu 0 { truncate(data, 0) munmap(V) }
      on syscall_exit(t) #1 { touch(p.V) msync(p.V) }`),
      ["signal", "syscall_enter"],
      ({ name, args }) => (name === "signal" ? "signal" : String(args["call"])),
    );
    assert.deepEqual(seen, ["t truncate", "on syscall_exit 1.1 signal", "t munmap"]);
  });

  it("can be reacted to", () => {
    holds(`${HEAD}
      task t in p on cpu 0 { munmap(V) touch(V) }
      on signal(t) where signal == SIGSEGV { truncate(data, 4K) }
      check finally data.i_size == 4K`);
  });
});

describe("fork", () => {
  it("makes a process whose mappings can be named, in tasks, in arrays and in the set-up", () => {
    holds(`${HEAD}
      process r { A = mmap(data) touch(A) kid = fork() munmap(A) }
      task t in q[1] on cpu 0 {
        child = fork()
        write(child.P[0 .. 8K])
        munmap(child.W)
        mprotect(child.P[0 .. 4K], read)
        second = fork()
      }
      check after t child.rss == 8 and child.anon_rss == 8 and child.map_count == 2
      check finally rss(q[1]) == 24 and rss(q[1].second) == 24 and q[1].child.P.start == q[1].P.start
      check finally rss(r) == 0 and rss(r.kid) == 16 and r.kid.A.vma != NULL`);
  });

  it("in a trigger names the process that forks", () => {
    const simulation = holds(`${HEAD}
      task t in p on cpu 0 { truncate(data, 0) }
      force need_lockbreak(data.i_mmap_lock) at 1..3
      on lockbreak(data) #1 { fork(q[0]) }
      check finally lockbreaks(data) == 1 and mapped(data) == 0`);
    assert.deepEqual(
      simulation.system.kernel.mms.map(({ name }) => name),
      ["p", "q[0]", "q[1]", "q[0].child"],
    );
  });
});

describe("exit", () => {
  it("tears the address space down with the last task of the process, in whatever order they end", () => {
    for (const [first, second] of [
      ["exit() munmap(V)", "sleep(50us) touch(V[0 .. 4K]) sleep(50us)"],
      ["sleep(100us) exit()", "touch(V)"],
      ["exit()", "sleep(10us) exit()"],
    ] as const) {
      const simulation = simulate(`${HEAD}\ntask a in p on cpu 0 { ${first} }\ntask b in p on cpu 1 { ${second} }`);
      const fullmm = events(simulation, ["tlb_gather"], ({ args }) => String(args["fullmm"])).filter((line) => line.endsWith("1"));
      assert.equal(simulation.machine.outcome?.kind, "end");
      assert.ok(fullmm.length > 0, first);
      const { mm } = simulation.globals.processes.get("p")!.members[0]!;
      assert.deepEqual([mm.rss, mm.mm_rb.length, mm.mm_users], [0, 0, 0]);
      assert.deepEqual(check_consistency(simulation.system), []);
    }
  });

  it("of another process in the very window of a lockbreak, or of a child, leaves nothing behind", () => {
    holds(`${HEAD}
      task t in p on cpu 0 { child = fork() truncate(data, 0) exit(child) exit(child) }
      force need_lockbreak(data.i_mmap_lock) at 1..3
      on lockbreak(data) #1 { exit(q[0]) }
      check after t lockbreaks(data) == 1 and child.rss == 0 and child.map_count == 0 and p.map_count == 1
      check finally q[0].map_count == 0 and q[1].map_count == 2`);
  });

  it("leaves an address space that calls from outside cannot use", () => {
    const text = `${HEAD}
      task t in p on cpu 0 { exit(q[0]) let e = munmap(q[0].W) touch(q[0].W) munmap(V) }
      check after t e == -ESRCH and V.vma != NULL`;
    holds(text);
    for (let at = 0; at < 30_000; at += 250) {
      holds(`${HEAD}
        task t in p on cpu 0 at ${at}ns { mprotect(q[0].W[0 .. 32K], read) }
        task u in p on cpu 1 at 10us { exit(q[0]) }
        check finally q[0].map_count == 0`);
    }
  });
});

describe("barrier and yield", () => {
  it("release all members together, in every round, except those that have ended", () => {
    const seen = events(
      simulate(`machine { cpus: 4 }
      file data size 64K
      process p { V = mmap(data) }
      task a in p on cpu 0 { repeat 3 { barrier() msync(V) } }
      task b in p on cpu 1 { repeat 3 { compute(100us) barrier() madvise(V) } }
      task c in p on cpu 2 { barrier() munmap(V) touch(V) barrier("never") }`),
      ["syscall_enter"],
      call,
    );
    const rounds = seen
      .join(" ")
      .split("munmap")
      .map((part) => part.trim());
    assert.equal(seen.filter((line) => line === "a msync").length, 3);
    assert.equal(seen.filter((line) => line === "b madvise").length, 3);
    assert.ok(rounds.length === 2 && !/(a msync.*){2}b madvise/.test(seen.slice(0, 3).join(" ")), seen.join(", "));
  });

  it("end in a deadlock if two tasks wait for each other at different barriers", () => {
    const simulation = simulate(`${HEAD}
      task a in p on cpu 0 { barrier("x") barrier("y") }
      task b in p on cpu 1 { barrier("y") barrier("x") }`);
    const outcome = simulation.machine.run(Infinity);
    assert.ok(outcome.kind === "deadlock");
    assert.deepEqual(
      outcome.tasks.map(({ name, waiting_on }) => [name, waiting_on?.name]),
      [
        ["a", "barrier x"],
        ["b", "barrier y"],
      ],
    );
  });

  it("yield moves the task behind those of the same priority, and behind no others", () => {
    const seen = events(
      simulate(`machine { cpus: 1 }
      file data size 64K
      process p { V = mmap(data) }
      task a in p on cpu 0 { msync(V) yield() msync(V) }
      task b in p on cpu 0 { madvise(V) yield() madvise(V) }
      task c in p on cpu 0 priority 130 { munmap(V) }`),
      ["syscall_enter"],
      call,
    );
    assert.deepEqual(
      seen.filter((line) => !line.endsWith("yield")),
      ["a msync", "b madvise", "a msync", "b madvise", "c munmap"],
    );
  });
});

describe("triggers", () => {
  const forms: Readonly<Record<string, string>> = {
    mmap: "mmap(data, in: q[0])",
    mprotect: "mprotect(q[0].W[0 .. 8K], read)",
    mremap: "mremap(q[0].W, size: 128K)",
    remap_file_pages: "remap_file_pages(q[0].W[0 .. 4K], 8K)",
    fork: "fork(q[0])",
    exit: "exit(q[0])",
    truncate: "truncate(log, 0)",
    ftruncate: "ftruncate(log, 8K)",
    invalidate: "invalidate(data, 8K .. 12K)",
    direct_write: "direct_write(log, 0 .. 4K)",
    swap_out: "swap_out(q[0].P)",
    touch: "touch(q[0].P)",
    read: "read(q[0].P)",
    write: "write(q[0].P)",
  };
  for (const { name } of CALLS.filter(({ inTrigger }) => inTrigger)) {
    it(`can make the call ${name} while the lock is dropped`, () => {
      holds(`${HEAD}
        file log size 16K
        task t in p on cpu 0 { truncate(data, 0) }
        force need_lockbreak(data.i_mmap_lock) at 1..3
        on lockbreak(data) #1 { ${forms[name] ?? `${name}(q[0].W[0 .. 16K])`} }
        check finally lockbreaks(data) == 1 and mapped(data, beyond: size) == 0`);
    });
  }
});

describe("with a disabled guard", () => {
  /** At how many of 200 moments of the second task pages beyond the end stay mapped. */
  function faults(kernel: KernelName, without: string, tasks: (at: number) => string): number {
    let found = 0;
    for (let at = 0; at < 200; at++) {
      const simulation = simulate(`kernel "${kernel}"\nmachine { cpus: 2 without: ${without} }\nfile data size 64K\n${tasks(at * 100)}`);
      const outcome = simulation.machine.run(Infinity);
      if (outcome.kind === "bug" || check_consistency(simulation.system).some(({ rule }) => rule === "truncated-mapped")) found += 1;
    }
    return found;
  }

  it("a page fault maps a page that was truncated meanwhile", () => {
    const tasks = (at: number) => `process p { V = mmap(data) }
      task cut in p on cpu 0 at 5us { truncate(data, 0) }
      task toucher in p on cpu 1 at ${at}ns { touch(V) }`;
    for (const kernel of ["vmtrunc4", "2.6.9"] as const) {
      assert.ok(faults(kernel, "nopage_recheck", tasks) > 0);
      assert.equal(faults(kernel, "nothing", tasks), 0);
    }
  });

  it("remap_file_pages does", () => {
    const tasks = (at: number) => `process p { V = mmap(data) }
      task cut in p on cpu 0 at 5us { truncate(data, 0) }
      task scatter in p on cpu 1 at ${at}ns { remap_file_pages(V[0 .. 4K], 32K) }`;
    assert.ok(faults("2.6.9", "populate_recheck", tasks) > 0);
    assert.equal(faults("2.6.9", "nothing", tasks), 0);
  });

  it("mremap carries pages behind the back of a truncation", () => {
    // The tree is walked from the largest end on: B before A.
    const tasks = (at: number) => `process p {
        B = mmap(data, length: 32K, offset: 16K, at: 0x5000_0000)
        A = mmap(data, length: 16K, at: 0x6000_0000)
        touch(A)
        touch(B)
      }
      task cut in p on cpu 0 at 5us { truncate(data, 0) }
      task mover in p on cpu 1 at ${at}ns { mremap(A, at: B.start - 16K) }`;
    assert.ok(faults("2.6.9", "move_lock", tasks) > 0);
    assert.equal(faults("2.6.9", "nothing", tasks), 0);
  });
});
