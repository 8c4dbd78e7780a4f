// Random small scenarios: two processes that map one file, and tasks that make one or two calls each.

import fc from "fast-check";

const RANGES = ["[0 .. 8K]", "[8K .. 16K]", "[4K .. 12K]", ""] as const;

/** Calls of a task in a process that has V, a shared mapping, W, a private one, and N, a nonlinear one, of 16K each. */
const CALLS = [
  ...RANGES.flatMap((range) => [
    `munmap(V${range})`,
    `munmap(W${range})`,
    `mprotect(V${range}, read)`,
    `touch(V${range})`,
    `touch(N${range})`,
    `write(W${range})`,
    `madvise(W${range})`,
    `msync(V${range})`,
    `swap_out(W${range})`,
  ]),
  "mremap(V[0 .. 8K], at: W.start - 64K)",
  "mremap(W, at: V.start + 64K)",
  "remap_file_pages(N[0 .. 4K], 8K)",
  "remap_file_pages(N[4K .. 12K], 0)",
  "X = mmap(data)",
  "X = mmap(data, offset: 4K, length: 8K)",
  "truncate(data, 0)",
  "truncate(data, 4K)",
  "truncate(data, 8K)",
  "truncate(data, 64K)",
  "invalidate(data)",
  "invalidate(data, 4K .. 8K)",
  "direct_write(data, 0 .. 4K)",
  "sleep(1us)",
  "compute(1us)",
] as const;

/** Texts of scenarios with `tasks` tasks. */
export function scenarios(tasks: number): fc.Arbitrary<string> {
  const task = fc.record({
    process: fc.constantFrom("p", "q"),
    cpu: fc.nat(1),
    calls: fc.array(fc.constantFrom(...CALLS, "child = fork()"), { minLength: 1, maxLength: 2 }),
  });
  return fc
    .record({ tasks: fc.array(task, { minLength: tasks, maxLength: tasks }), cleared: fc.boolean(), ticks: fc.nat(1) })
    .map(({ tasks: list, cleared, ticks }) => {
      const process = (name: string, base: number): string => `process ${name} {
  V = mmap(data, at: 0x${(base + 0x10_0000).toString(16)})
  W = mmap(data, flags: private, at: 0x${(base + 0x20_0000).toString(16)})
  N = mmap(data, at: 0x${(base + 0x30_0000).toString(16)})
  touch(V)
  write(W[0 .. 8K])
  touch(N[0 .. 8K])
  remap_file_pages(N[0 .. 4K], 4K)
}`;
      const texts = list.map(({ process: name, cpu, calls }, number) => {
        const statements = calls.map((call) => `  ${call.startsWith("child") ? `child${number} = fork()` : call}`);
        return `task t${number} in ${name} on cpu ${cpu} {\n${statements.join("\n")}\n}`;
      });
      return [
        `machine { cpus: 2  break_lock: ${cleared ? "cleared" : "sticky"} }`,
        `explore { ticks: ${ticks} }`,
        "file data size 16K",
        process("p", 0x4000_0000),
        process("q", 0x5000_0000),
        ...texts,
        "",
      ].join("\n");
    });
}
