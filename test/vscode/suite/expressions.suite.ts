// The expressions to evaluate in a source.

import { expressionAt, inlineExpressions } from "../../../src/extension/debug/expressions.ts";
import { equal } from "./assert.ts";

/** The expression where `line` has a ‸, which is taken out. */
function at(line: string): string | null {
  const column = line.indexOf("‸");
  return expressionAt(line.replace("‸", ""), column)?.text ?? null;
}

describe("the expression under the mouse", () => {
  it("goes from the start of the chain to the end of the name", () => {
    equal(at("x = details->restart_‸addr + 1"), "details->restart_addr");
    equal(at("x = det‸ails->restart_addr"), "details");
    equal(at("details.restart_‸vma.vm_start"), "details.restart_vma");
    equal(at("mapping: vma.vm_file!.f_map‸ping,"), "vma.vm_file.f_mapping");
    equal(at("vma.vm_file?.f_map‸ping"), "vma.vm_file.f_mapping");
    equal(at("munmap(viewer[3].V‸[0 .. 1M])"), null);
    equal(at("munmap(viewer[3].‸V[0 .. 1M])"), "viewer[3].V");
    equal(at("munmap(view‸er[3].V)"), "viewer");
  });

  it("is no keyword, comment or called function", () => {
    equal(at("ret‸urn true;"), null);
    equal(at("// details.restart_‸addr"), null);
    equal(at("yield* k.cond_res‸ched();"), null);
    equal(at("a ‸ + b"), null);
  });
});

describe("inline values", () => {
  const source = [
    "}",
    "",
    "export function* zap(vma: VmArea, details: ZapDetails): Kernel<void> {",
    "  const end = vma.vm_end;",
    "  // details is not looked at",
    "  yield* k.spin_lock(details.lock!);",
    "  later(end);",
  ];

  it("are the locals and their fields, down to the current statement", () => {
    const values = inlineExpressions((line) => source[line]!, 5).map(
      ({ line, text, local }) => `${line} ${text}${local ? "" : " (evaluated)"}`,
    );
    equal(values, ["2 vma", "2 details", "3 end", "3 vma.vm_end (evaluated)", "5 details.lock (evaluated)"]);
  });

  it("are none outside of functions", () => {
    equal(
      inlineExpressions((line) => source[line]!, 1),
      [],
    );
  });
});
