// Random scenarios under the always-on checks: they find what a recomputation from scratch finds, nothing else, and change
// nothing of the run.

import assert from "node:assert/strict";
import fc from "fast-check";
import { _PAGE_PRESENT, PAGE_SIZE, type Table } from "../../src/engine/kernel/common/arch.ts";
import { k, type Image } from "../../src/engine/kernel/image.ts";
import { image_of } from "../../src/engine/kernel/linking.ts";
import { KERNEL_NAMES, type KernelName } from "../../src/engine/kernel/variants.ts";
import type { AddressSpace } from "../../src/engine/kernel/common/mm_types.ts";
import type { Task } from "../../src/engine/machine/task.ts";
import { known_bugs, RULES } from "../../src/engine/observe/rules.ts";
import { check_consistency } from "../../src/engine/observe/consistency.ts";
import { pte_kind, walk_ptes } from "../../src/engine/observe/page_walk.ts";
import { full_state } from "../../src/engine/observe/snapshot.ts";
import { on } from "../../src/engine/observe/subscribe.ts";
import { parseScenario } from "../../src/scenario/index.ts";
import { Simulation, type RunOptions } from "../../src/scenario/run/simulation.ts";
import { hashEvents } from "../traces/hash.ts";

/** The rules that a known bug of a kernel breaks. */
const known = (kernel: KernelName): string[] => Object.keys(RULES).filter((code) => known_bugs(code, kernel).length > 0);

const PAGES = 16;

const page = fc.nat(PAGES - 1);
/** A byte range of a mapping of all pages. */
const range = fc
  .tuple(page, fc.integer({ min: 1, max: 8 }))
  .map(([from, length]) => `${from * 4}K .. ${Math.min(PAGES, from + length) * 4}K`);
const mapping = fc.constantFrom("p.A", "p.B", "q.A", "q.B");
/** A size within a page stands for an unmapping of some pages from there on, which is no truncation: see `invalidating`. */
const size = fc.oneof(
  fc.constant("0"),
  page.map((at) => `${at * 4}K`),
  page.map((at) => `${at * 4}K + 1`),
);
const statement = fc.oneof(
  { weight: 3, arbitrary: size.map((bytes) => `truncate(data, ${bytes})`) },
  { weight: 1, arbitrary: fc.constant(`truncate(data, ${PAGES * 4}K)`) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom("touch", "read", "write"), mapping, range).map(([call, of, bytes]) => `${call}(${of}[${bytes}])`),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(mapping, range, fc.constantFrom("read", "read|write"))
      .map(([of, bytes, prot]) => `mprotect(${of}[${bytes}], ${prot})`),
  },
  { weight: 1, arbitrary: fc.tuple(mapping, range).map(([of, bytes]) => `munmap(${of}[${bytes}])`) },
  { weight: 1, arbitrary: fc.tuple(page, page).map(([from, to]) => `remap_file_pages(p.B[${from * 4}K .. ${from * 4 + 4}K], ${to * 4}K)`) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }).map((us) => `sleep(${us}us)`) },
);
const body = fc.array(statement, { minLength: 1, maxLength: 6 }).map((statements) => statements.join("\n"));

/** What is executed in the windows in which i_mmap_lock is dropped. */
const trigger = fc
  .tuple(
    fc.integer({ min: 1, max: 6 }),
    statement.filter((text) => !text.startsWith("sleep")),
  )
  .map(([occurrence, call]) => `on lockbreak(data) #${occurrence} { ${call} }`);
const force = fc.constantFrom(
  "",
  "force need_lockbreak(data.i_mmap_lock) at 1 .. 100000",
  "force need_resched at 2 .. 4, 6 .. 9, 14 .. 16",
);

const scenario = fc
  .record({
    triggers: fc.array(trigger, { maxLength: 3 }),
    force,
    split: page,
    bodies: fc.array(fc.tuple(fc.constantFrom("p", "q"), fc.nat(2), fc.nat(5), body), { minLength: 2, maxLength: 4 }),
    break_lock: fc.constantFrom("sticky", "cleared"),
    cpus: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ triggers, force: forced, split, bodies, break_lock, cpus }) => {
    const mappings = (flags: string): string =>
      `A = mmap(data) touch(A) B = mmap(data, flags: ${flags}) write(B[0 .. 16K]) mprotect(A[${split * 4}K .. ${PAGES * 4}K], read)`;
    const tasks = bodies.map(
      ([process, cpu, at, statements], number) => `task t${number} in ${process} on cpu ${cpu % cpus} at ${at}us {\n${statements}\n}`,
    );
    return [
      `machine { cpus: ${cpus} break_lock: ${break_lock} }`,
      `file data size ${PAGES * 4}K`,
      `process p { ${mappings("shared")} }`,
      `process q { ${mappings("private")} }`,
      ...tasks,
      ...triggers,
      cpus === 1 ? "" : forced,
      "",
    ].join("\n");
  });

/** Lets truncate unmap eight pages without i_sem, and truncate nothing, if its size is not one of whole pages. */
const invalidating: Partial<Image> = {
  *do_truncate(inode, length) {
    if (length % PAGE_SIZE === 0) return yield* image_of("vmtrunc4").do_truncate(inode, length);
    yield* k.unmap_mapping_range(inode.i_mapping, length - 1, 8 * PAGE_SIZE, 0);
    return 0;
  },
};

function start(text: string, options: RunOptions): Simulation {
  const { program, diagnostics } = parseScenario(text);
  assert.ok(program, `${diagnostics.map(({ message, range: { line } }) => `${line}: ${message}`).join("\n")}\n${text}`);
  return new Simulation(program, { limits: { steps: 300_000 }, overrides: invalidating, ...options });
}

/** Ptes of the pages of a hole as unmap_mapping_range found them, and which of them have been cleared since: by the clearing functions. */
class OldPtes {
  readonly overrides: Partial<Image>;
  private readonly calls = new Map<Task | null, { readonly table: Table; readonly at: number; readonly pfn: number; cleared: boolean }[]>();

  constructor() {
    const clear = (table: Table, at: number): void => {
      for (const ptes of this.calls.values()) for (const pte of ptes) if (pte.table === table && pte.at === at) pte.cleared = true;
    };
    this.overrides = {
      ...invalidating,
      ptep_get_and_clear(table, at) {
        clear(table, at);
        return image_of("vmtrunc4").ptep_get_and_clear(table, at);
      },
      ptep_clear_flush(vma, address, table, at) {
        clear(table, at);
        return image_of("vmtrunc4").ptep_clear_flush(vma, address, table, at);
      },
    };
  }

  watch({ machine, system: { kernel } }: Simulation): void {
    on<{ mapping: AddressSpace; first_index: number; last_index: number }>(
      machine,
      "unmap_begin",
      ({
        args: {
          mapping: { id },
          first_index,
          last_index,
        },
        task,
      }) => {
        const ptes: { table: Table; at: number; pfn: number; cleared: boolean }[] = [];
        for (const mm of kernel.mms) {
          walk_ptes(kernel, mm, 0, kernel.arch.TASK_SIZE, (table, at) => {
            const pfn = kernel.arch.pfn(table, at);
            const index = kernel.mem_map.index[pfn]!;
            if (pte_kind(kernel, table, at) === "file" && kernel.mem_map.mapping[pfn] === id && index >= first_index && index <= last_index)
              ptes.push({ table, at, pfn, cleared: false });
          });
        }
        this.calls.set(task, ptes);
      },
    );
  }

  /** How many ptes a call has left as they were. */
  left({ system: { kernel } }: Simulation, task: Task | null): number {
    return this.calls
      .get(task)!
      .filter(({ table, at, pfn, cleared }) => !cleared && (table[at]! & _PAGE_PRESENT) !== 0 && kernel.arch.pfn(table, at) === pfn).length;
  }
}

describe("always-on checks in random scenarios", () => {
  for (const kernel of KERNEL_NAMES) {
    it(`of ${kernel} find what can be found, and change nothing`, () => {
      const found = new Map<string, number>();
      fc.assert(
        fc.property(scenario, (text) => {
          const watched = start(text, { kernel });
          const events = hashEvents(watched.system);
          const wrong: string[] = [];
          on(watched.machine, "syscall_exit", () => wrong.push(...check_consistency(watched.system).map(({ rule }) => rule)));
          const outcome = watched.machine.run(Infinity);
          const unwatched = start(text, { kernel, checks: false });
          if (outcome.kind === "bug") {
            const { code } = outcome.bug;
            assert.ok(known(kernel).includes(code), `${code}: ${outcome.bug.message}\n${text}`);
            found.set(code, (found.get(code) ?? 0) + 1);
            unwatched.machine.run(watched.machine.step);
            if (code === "truncated-mapped")
              assert.equal(
                unwatched.mappedBeyond(unwatched.globals.files.get("data")!.inode, unwatched.globals.files.get("data")!.inode.i_size),
                outcome.bug.values["ptes"],
              );
            // Contention alone is no livelock.
            if (code === "no-progress") assert.ok(outcome.bug.involved.length > 0, text);
            // In the middle of a truncation pages may be mapped that will be found at its end.
            assert.deepEqual(
              wrong.filter((rule) => rule !== "truncated-mapped" || code !== "truncated-mapped"),
              [],
            );
          } else {
            assert.equal(outcome.kind, "end", text);
            assert.deepEqual([...wrong, ...check_consistency(watched.system)], []);
            const hash = hashEvents(unwatched.system);
            unwatched.machine.run(Infinity);
            assert.deepEqual(full_state(unwatched.system), full_state(watched.system));
            assert.equal(hash(), events());
          }
        }),
        { numRuns: kernel === "vmtrunc4" ? 300 : 100, seed: 11 },
      );
      if (kernel === "vmtrunc4") assert.ok(found.has("truncated-mapped") && found.has("no-progress"), JSON.stringify([...found]));
    });

    it(`of ${kernel} miss no pte that an unmapping misses`, () => {
      let missed = 0;
      fc.assert(
        fc.property(scenario, (text) => {
          const ptes = new OldPtes();
          const simulation = start(text, { kernel, overrides: ptes.overrides });
          const truncating = new Set<Task | null>();
          on(simulation.machine, "truncate_begin", ({ task }) => truncating.add(task));
          on(simulation.machine, "truncate_end", ({ task }) => truncating.delete(task));
          ptes.watch(simulation);
          on(simulation.machine, "unmap_end", ({ task }) => {
            if (!truncating.has(task)) assert.equal(ptes.left(simulation, task), 0, text);
          });
          const outcome = simulation.machine.run(Infinity);
          if (outcome.kind !== "bug" || outcome.bug.code !== "invalidate-missed") return;
          missed += 1;
          assert.equal(outcome.bug.values["ptes"], ptes.left(simulation, outcome.task), text);
        }),
        { numRuns: kernel === "vmtrunc4" ? 300 : 100, seed: 12 },
      );
      if (kernel === "vmtrunc4") assert.ok(missed > 0);
      if (!known(kernel).includes("invalidate-missed")) assert.equal(missed, 0);
    });
  }
});
