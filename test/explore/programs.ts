// Small programs of primitives alone, written by hand or random, as worlds of a search: the state consists of the shared words and
// locks alone.

import { TimedPolicy } from "../../src/engine/schedule/timed.ts";
import fc from "fast-check";
import { Machine } from "../../src/engine/machine/machine.ts";
import { DepthFirst } from "../../src/engine/explore/dfs.ts";
import { BoundedDpor, type BacktrackPoint } from "../../src/engine/explore/bounded_dpor.ts";
import { Runner, type Boot } from "../../src/engine/explore/runner.ts";
import { SourceDporSearch } from "../../src/engine/explore/source_dpor.ts";
import type { Kernel } from "../../src/engine/machine/hooks.ts";
import { cond_resched, need_resched, sleep_ns } from "../../src/engine/machine/sched.ts";
import { digest } from "../../src/engine/schedule/schedule.ts";
import { down_read, down_write, Semaphore, up_read, up_write } from "../../src/engine/machine/semaphore.ts";
import { note_add, note_read, note_write, read_shared, access_shared, write_shared } from "../../src/engine/machine/shared.ts";
import { need_lockbreak, spin_lock, SpinLock, spin_unlock } from "../../src/engine/machine/spinlock.ts";

/** What a task does. Locks, semaphores and words have numbers: 0 or 1. */
export type Step =
  | { readonly do: "lock"; readonly which: number; readonly steps: readonly Step[] }
  | { readonly do: "down_read" | "down_write"; readonly which: number; readonly steps: readonly Step[] }
  /** The steps are executed if the task reads another value than 0. */
  | { readonly do: "if"; readonly which: number; readonly steps: readonly Step[] }
  | { readonly do: "read" | "write" | "increment" | "sample" | "note_read" | "note_write" | "note_add" | "share"; readonly which: number }
  | { readonly do: "resched" | "sleep" };

export interface PrimitivePlan {
  readonly tasks: readonly { readonly cpu: number; readonly prio: number; readonly steps: readonly Step[] }[];
  readonly sticky: boolean;
  readonly preempt: boolean;
  readonly ticks: number;
}

const CPUS = 3;
const MAX_TRANSITIONS = 500;

class Words {
  readonly name = "words";
  a = 0;
  b = 0;
}

export function program({ tasks, sticky, preempt }: PrimitivePlan): Boot {
  return (decide) => {
    const limits = { steps: 1e6, time: 1e12, pages: 100 };
    const machine = new Machine(
      { cpus: CPUS, preempt, hz: 1000, break_lock: sticky ? "sticky" : "cleared", costs: {}, limits },
      (own) => new TimedPolicy(own),
    );
    machine.activate();
    const words = new Words();
    const locks = [new SpinLock("L"), new SpinLock("M")];
    const sems = [new Semaphore("S"), new Semaphore("T")];
    const seen: number[][] = [];
    tasks.forEach(({ cpu, prio, steps }, number) => {
      const mine: number[] = [];
      seen.push(mine);
      machine.spawn(`task ${number}`, machine.cpus[cpu]!, prio, null, execute(steps, { words, locks, sems, mine, me: number + 1 }), 0);
    });
    decide(machine, null);
    return {
      machine,
      verdict: () => null,
      state_roots: () => [words, locks, sems, machine.all_cpus, machine.tasks],
      state_digest: () =>
        digest(
          JSON.stringify([
            words.a,
            words.b,
            seen,
            locks.map(({ break_lock }) => break_lock),
            machine.outcome!.kind,
            machine.outcome!.kind === "bug" ? machine.outcome!.bug.code : "",
          ]),
        ),
      name_of: (object) => ("name" in object ? String(object.name) : "id" in object ? `cpu ${String(object.id)}` : "machine"),
    };
  };
}

interface Context {
  readonly words: Words;
  readonly locks: readonly SpinLock[];
  readonly sems: readonly Semaphore[];
  /** What this task has seen. */
  readonly mine: number[];
  readonly me: number;
}

function* execute(steps: readonly Step[], context: Context): Kernel<void> {
  for (const step of steps) yield* take(step, context);
}

function* take(step: Step, context: Context): Kernel<void> {
  const { words, locks, sems, mine, me } = context;
  if (!("which" in step)) {
    if (step.do === "sleep") return yield* sleep_ns(10);
    mine.push(Number(yield* need_resched()));
    yield* cond_resched();
    return;
  }
  const word = step.which === 0 ? "a" : "b";
  const lock = locks[step.which]!;
  const sem = sems[step.which]!;
  switch (step.do) {
    case "lock":
      yield* spin_lock(lock);
      yield* execute(step.steps, context);
      return yield* spin_unlock(lock);
    case "down_read":
      yield* down_read(sem);
      yield* execute(step.steps, context);
      return yield* up_read(sem);
    case "down_write":
      yield* down_write(sem);
      yield* execute(step.steps, context);
      return yield* up_write(sem);
    case "if":
      if ((yield* read_shared(words, word)) !== 0) yield* execute(step.steps, context);
      return;
    case "read":
      mine.push(yield* read_shared(words, word));
      return;
    case "write":
      return yield* write_shared(words, word, me);
    case "increment":
      return yield* write_shared(words, word, 3 * (yield* read_shared(words, word)) + me);
    case "sample":
      mine.push(Number(yield* need_lockbreak(lock)));
      return;
    case "share":
      yield* access_shared(words, word, "read");
      mine.push(words[word]);
      return;
    case "note_read":
      note_read(words, word);
      mine.push(words[word]);
      return;
    case "note_write":
      note_write(words, word);
      words[word] = 5 * words[word] + me;
      return;
    case "note_add":
      note_add(words, word);
      words[word] += me;
  }
}

/** Programs of two or three tasks. With `cpus`, tasks may share CPUs, differ in priority, sleep, and be interrupted by ticks. */
export function plans(cpus: boolean): fc.Arbitrary<PrimitivePlan> {
  const which = fc.nat(1);
  const word = fc.record({
    do: fc.constantFrom("read", "write", "increment", "sample", "note_read", "note_write", "note_add", "share"),
    which,
  });
  const pause = fc.record({ do: fc.constantFrom("resched", "sleep") });
  const simple = cpus ? fc.oneof({ weight: 5, arbitrary: word }, { weight: 2, arbitrary: pause }) : word;
  // Locks nest in one order, and no task sleeps under a spinlock.
  const inner = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: word },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("lock"), which: fc.constant(1), steps: fc.array(word, { maxLength: 2 }) }) },
    ),
    { maxLength: 2 },
  );
  const lock = fc.record({ do: fc.constant("lock"), which: fc.constant(0), steps: inner });
  const branch = fc.record({ do: fc.constant("if"), which, steps: fc.array(word, { maxLength: 2 }) });
  const sem = fc.record({
    do: fc.constantFrom("down_read", "down_write"),
    which,
    steps: fc.array(fc.oneof(simple, lock), { maxLength: 2 }),
  });
  const steps = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: simple },
      { weight: 2, arbitrary: lock },
      { weight: 1, arbitrary: branch },
      { weight: 1, arbitrary: sem },
    ),
    { minLength: 1, maxLength: 4 },
  ) as fc.Arbitrary<Step[]>;
  const task = fc.record({ cpu: fc.nat(CPUS - 1), prio: cpus ? fc.constantFrom(100, 120, 120) : fc.constant(120), steps });
  return fc
    .record({
      tasks: fc.array(task, { minLength: 2, maxLength: 3 }),
      sticky: fc.boolean(),
      preempt: fc.boolean(),
      ticks: cpus ? fc.nat(1) : fc.constant(0),
    })
    .map((plan) => ({ ...plan, tasks: plan.tasks.map((one, number) => ({ ...one, cpu: cpus ? one.cpu : number })) }));
}

/** The states that a search has reached, and how many executions it took. */
export interface Reached {
  readonly states: ReadonlySet<number>;
  readonly executions: number;
}

/** All executions with up to so many preemptions; null if there are more than `most`. */
export function byDepthFirst(plan: PrimitivePlan, preemptions: number, most: number): Reached | null {
  const runner = new Runner(program(plan), { ticks: plan.ticks, max_transitions: MAX_TRANSITIONS });
  const search = new DepthFirst(runner, preemptions, []);
  const states = new Set<number>();
  for (let executions = 0; !search.over; executions++) {
    if (executions >= most) return null;
    search.step();
    states.add(runner.world.state_digest());
    if (search.over) return { states, executions: executions + 1 };
  }
  return null;
}

/** The bounded search, in an order of its own. */
export function byExpansion(plan: PrimitivePlan, preemptions: number): Reached {
  const runner = new Runner(program(plan), { ticks: plan.ticks, max_transitions: MAX_TRANSITIONS });
  const search = new BoundedDpor(runner);
  const states = new Set<number>();
  const visited = new Set<string>([""]);
  const worklist: BacktrackPoint[] = [{ segments: "", preemptions: 0, first_reversible: 0 }];
  let executions = 0;
  for (let point = worklist.pop(); point !== undefined; point = worklist.pop()) {
    for (const next of search.expand(point)) {
      if (next.preemptions > preemptions || visited.has(next.segments)) continue;
      visited.add(next.segments);
      worklist.push(next);
    }
    executions += 1;
    states.add(runner.world.state_digest());
  }
  return { states, executions };
}

/** The search by source sets, saved and taken up again after every few executions. */
export function bySourceSets(plan: PrimitivePlan): Reached {
  const boot = program(plan);
  const bounds = { ticks: plan.ticks, max_transitions: MAX_TRANSITIONS };
  const states = new Set<number>();
  let executions = 0;
  for (let runner = new Runner(boot, bounds), search = new SourceDporSearch(runner, []); !search.over;) {
    search.step();
    executions += 1;
    if (!search.sleep_set_blocked) states.add(runner.world.state_digest());
    if (executions % 7 !== 0 || search.over) continue;
    runner = new Runner(boot, bounds);
    search = new SourceDporSearch(runner, JSON.parse(JSON.stringify(search.save())) as never);
  }
  return { states, executions };
}
