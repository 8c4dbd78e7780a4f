// Which mutant is on, in the process of a test or of what it has started: what `lockbreak:mutants` means in a mutated build.
import { appendFileSync } from "node:fs";

/** The number of the mutant that is on; 0: none; below 0: none, but those that are reached are noted. */
export const $mutant = Number(process.env.LOCKBREAK_MUTANT ?? 0);

/** Shared by the bundles of a process, and by hooks.mjs, which begins it anew with each test. */
export const noted = (globalThis[Symbol.for("lockbreak.mutants")] ??= {
  seen: new Uint8Array(1 << 16),
  test: process.env.LOCKBREAK_MUTANT_TEST ?? "",
});

/** Notes that the mutated expression is evaluated, for the first time in this test. Always false: the mutant is not on. */
export function $reached(id) {
  if (noted.seen[id] === 0) {
    noted.seen[id] = 1;
    appendFileSync(process.env.LOCKBREAK_MUTANT_NOTES, `${JSON.stringify([id, noted.test])}\n`);
  }
  return false;
}
