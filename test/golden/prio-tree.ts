// Runs a recording of the prio tree (prio-tree/*.jsonl) against the model: every visit order and every dump.

import { image_of } from "../../src/engine/kernel/linking.ts";
import { link, type Image } from "../../src/engine/kernel/image.ts";
import { KernelBug } from "../../src/engine/machine/bug.ts";
import { exact64, ulong32, type Ulong, type Word } from "../../src/engine/machine/ulong.ts";
import { IntervalTree, IntervalVma, type Dump } from "../prio-tree/interval-vma.ts";
import { parseExactJson } from "./exact-json.ts";

export interface GoldenResult {
  /** Expectations met: a query's visit order, a dump, or an assertion that has to fail. */
  readonly passed: number;
  readonly failed: number;
  /** The first expectation that was not met, with the line it is on; null if there is none. */
  readonly firstMismatch: string | null;
}

type Variant = "long" | "index_bits";

interface Header {
  readonly bits: 32 | 64;
  /** Where the size levels begin: "index_bits" are recordings of 2.6.7 to 2.6.9. */
  readonly size_level_bits: Variant;
}

interface Query {
  readonly op: "query";
  readonly first: Ulong;
  readonly last: Ulong;
  readonly visit?: readonly number[];
  readonly "assertion_in_2.6.9_variant"?: boolean;
  readonly "visit_2.6.10+"?: readonly number[];
}

type Operation =
  | { readonly op: "insert"; readonly id: number; readonly pgoff: Ulong; readonly npages: Ulong }
  | { readonly op: "add"; readonly id: number; readonly old: number }
  | { readonly op: "remove"; readonly id: number }
  | { readonly op: "dump"; readonly index_bits: number; readonly tree: Dump }
  | Query;

const VARIANTS: Readonly<Record<Variant, Image>> = { long: image_of("vmtrunc4"), index_bits: image_of("2.6.9") };
const ASSERTION = "an assertion fails";

/**
 * Runs one recording, given as the text of its file. A script on which the old tree fails an assertion is run on the
 * old and on the fixed one. Links the image it needs.
 */
export function runPrioTreeRecording(text: string): GoldenResult {
  // The format is the recordings' own; a line that does not follow it shows up as a mismatch.
  const [header, ...operations] = text.trimEnd().split("\n").map(parseExactJson) as unknown as [Header, ...Operation[]];
  const totals = { passed: 0, failed: 0, firstMismatch: null as string | null };
  for (const variant of ["long", "index_bits"] as const) {
    const expectations = operations.map((operation) => expected(header, operation, variant));
    if (expectations.every((expectation) => expectation === null)) continue;
    link(VARIANTS[variant]);
    const execute = header.bits === 32 ? executor(ulong32, Number) : executor(exact64, BigInt);
    operations.forEach((operation, index) => {
      const expectation = expectations[index] ?? null;
      const actual = outcome(execute, operation);
      if (actual === expectation) {
        totals.passed++;
      } else if (expectation !== null || actual === ASSERTION) {
        totals.failed++;
        const place = `line ${index + 2} (${operation.op}, size levels of ${variant} bits)`;
        totals.firstMismatch ??= `${place}: expected ${expectation ?? "no failure"}, got ${actual}`;
      }
    });
  }
  return totals;
}

/** What the recording says an operation does on a variant; null if it says nothing. */
function expected(header: Header, operation: Operation, variant: Variant): string | null {
  const recorded = header.size_level_bits === variant;
  if (operation.op === "dump") return recorded ? JSON.stringify([operation.index_bits, operation.tree]) : null;
  if (operation.op !== "query") return null;
  if (!recorded) return operation["visit_2.6.10+"] ? JSON.stringify(operation["visit_2.6.10+"]) : null;
  return operation["assertion_in_2.6.9_variant"] ? ASSERTION : JSON.stringify(operation.visit);
}

type Execute = (operation: Operation) => unknown;

function outcome(execute: Execute, operation: Operation): string | undefined {
  try {
    return JSON.stringify(execute(operation));
  } catch (error) {
    if (error instanceof KernelBug) return ASSERTION;
    throw error;
  }
}

/** Executes operations on a tree of its own; the result is the visit order of a query or the content of a dump. */
function executor<W extends Ulong>(word: Word<W>, exact: (value: Ulong) => W): Execute {
  const tree = new IntervalTree<W>(word);
  const vmas = new Map<number, IntervalVma<W>>();
  const vmaOf = (id: number): IntervalVma<W> => {
    const vma = vmas.get(id);
    if (vma === undefined) throw new Error(`no vma ${id} is in the tree`);
    return vma;
  };
  return (operation) => {
    switch (operation.op) {
      case "insert": {
        const first = exact(operation.pgoff);
        const last = exact(BigInt(operation.pgoff) + BigInt(operation.npages) - 1n);
        const vma = new IntervalVma<W>(operation.id, first, last);
        vmas.set(operation.id, vma);
        return tree.insert(vma);
      }
      case "add": {
        const old = vmaOf(operation.old);
        const vma = new IntervalVma<W>(operation.id, old.first, old.last);
        vmas.set(operation.id, vma);
        return tree.add(vma, old);
      }
      case "remove":
        return tree.remove(vmaOf(operation.id));
      case "query":
        return tree.query(exact(operation.first), exact(operation.last));
      case "dump":
        return [tree.root.index_bits, tree.dump()];
    }
  };
}
