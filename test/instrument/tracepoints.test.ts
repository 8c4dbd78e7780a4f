// Tracepoints as the build leaves them: arguments are made for subscribers only, events are counted either way.

import assert from "node:assert/strict";
import { instrumentTracepoints } from "../../tools/instrument/instrument.ts";
import { compileFolder, run, withFolder } from "./support.ts";

const FILES = {
  "trace.ts": `export { machine, made } from "./machine/machine.ts";`,
  "machine/machine.ts": `export const machine = { events: 0, sinks: {} as Record<string, unknown> };
export const made: string[] = [];
`,
  "machine/tracing.ts": `import { machine, made } from "./machine.ts";
export function trace(name: string, args: { of: string }): void {
  machine.events += 1;
  if (machine.sinks[name] !== undefined) made.push("sent " + args.of);
}
`,
  "kernel/main.ts": `import { made } from "../machine/machine.ts";
import { trace } from "../machine/tracing.ts";
function argument(of: string): string {
  made.push("made " + of);
  return of;
}
export function* pass($machine: string): Generator<any, void, any> {
  trace("page_free", { of: argument($machine) });
}
`,
};

const unexpected = () => assert.fail("stopped");

describe("tracepoints", () => {
  for (const build of ["pass", "pass$watched", "pass$plain"]) {
    it(`make arguments for subscribers only, and are counted either way: ${build}`, async () => {
      const { $, main, trace } = await withFolder(FILES, compileFolder);
      const { machine, made } = trace as { machine: { events: number; sinks: Record<string, unknown> }; made: string[] };
      $.horizon = Infinity;
      run(main[build]!("page" as never), unexpected);
      assert.deepEqual([machine.events, made], [1, []]);
      machine.sinks["page_free"] = [];
      run(main[build]!("page" as never), unexpected);
      assert.deepEqual([machine.events, made], [2, ["made page", "sent page"]]);
    });
  }

  it("are rewritten in files that import trace from tracing.ts, and nowhere else", () => {
    const rewritten = instrumentTracepoints(
      `import { trace } from "./tracing.ts";\ntrace("bug", { lock });\ntrace(name, {});\n`,
      "spinlock.ts",
    );
    assert.match(
      rewritten!.code,
      /\$machine\.sinks\.bug !== undefined \? trace\("bug", \{\s*lock\s*\}\) : \$machine\.events \+= 1;\ntrace\(name, \{\}\);/,
    );
    assert.match(rewritten!.code, /import \{ machine as \$machine \} from "\.\/machine\.ts";/);
    assert.equal(instrumentTracepoints(`import { trace } from "./other.ts";\ntrace("bug", {});\n`, "spinlock.ts"), null);
    assert.equal(instrumentTracepoints(`import { type trace } from "./trace.ts";\n`, "spinlock.ts"), null);
  });
});
