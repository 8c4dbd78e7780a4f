import assert from "node:assert/strict";
import fc from "fast-check";
import type { Frames, Kernel } from "../../src/engine/machine/hooks.ts";
import { type Program, TRACE_MODULE, moduleText, program } from "./programs.ts";
import { type Compiled, compileFolder, run, textOf, withFolder } from "./support.ts";

interface Note {
  readonly id: number;
  readonly locals: Readonly<Record<string, unknown>>;
}

interface Outcome {
  readonly result: unknown;
  readonly notes: readonly Note[];
  readonly steps: number;
}

/** One run of one program from the start. `onStop` sees what was noted so far. */
function execute(code: Compiled, name: string, horizon: number, onStop: (frames: Frames, notes: readonly Note[]) => void): Outcome {
  const trace = code.trace as { reset(): void; notes: readonly Note[] };
  trace.reset();
  code.$.step = 0;
  code.$.horizon = horizon;
  const kernel = (code.main[name] as (seed: number, depth: number) => Kernel<unknown>)(5, 0);
  const result = run(kernel, (frames) => onStop(frames, trace.notes));
  return { result, notes: trace.notes, steps: code.$.step };
}

const unexpected = () => assert.fail("stopped before the horizon");

/** Stops before every statement and checks each backtrace against the program's own record of itself. */
function checkEveryStop(code: Compiled, source: string, name: string, expected: Outcome): Frames[] {
  const stops: Frames[] = [];
  let announced: Readonly<Record<string, unknown>> | undefined;
  const outcome = execute(code, name, 0, (frames, notes) => {
    const last = notes[notes.length - 1];
    if (announced) assert.deepEqual(Object.entries(announced), Object.entries(last?.locals ?? {}), "locals at a note");
    stops.push(frames);
    assert.equal(code.$.step, stops.length);
    assert.deepEqual(
      frames.map(([, locals]) => locals["depth"]),
      [...frames.keys()].reverse(),
      "one frame per call",
    );
    const [site, locals] = frames[0] as Frames[number];
    const here = code.sites[site];
    assert.ok(here && here.kind === "statement");
    assert.ok(frames.slice(1).every(([caller]) => code.sites[caller]?.kind === "call"));
    // The caller noted its locals as the last thing before the call.
    if (here.entry && frames[1]) assert.deepEqual(Object.entries(frames[1][1]), Object.entries(last?.locals ?? {}), "locals at a call");
    announced = textOf(source, here).startsWith("note(") ? locals : undefined;
  });
  assert.deepEqual(outcome, { ...expected, steps: stops.length });
  return stops;
}

async function checkPrograms(programs: readonly Program[]): Promise<void> {
  const source = moduleText(programs);
  await withFolder({ "kernel/main.ts": source, "trace.ts": TRACE_MODULE }, async (folder) => {
    const plain = await compileFolder(folder, { passthrough: true });
    const hooked = await compileFolder(folder);
    assert.equal(plain.sites.length, 0);
    for (const name of programs.map((_, i) => `p${i}_0`)) {
      const expected = execute(plain, name, Infinity, unexpected);
      const free = execute(hooked, name, Infinity, unexpected);
      assert.deepEqual({ ...free, steps: 0 }, expected);
      assert.deepEqual(execute(hooked, `${name}$watched`, Infinity, unexpected), free);
      // It never stops, whatever the horizon.
      const plainBuild = execute(hooked, `${name}$plain`, 0, unexpected);
      assert.deepEqual({ ...plainBuild, steps: 0 }, expected);
      assert.ok(plainBuild.steps <= free.steps);
      const stops = checkEveryStop(hooked, source, name, free);
      for (let step = 1; step <= free.steps; step++) {
        const seen: Frames[] = [];
        const outcome = execute(hooked, name, step, (frames) => {
          seen.push(frames);
          hooked.$.horizon = Infinity;
        });
        assert.deepEqual(outcome, free);
        assert.deepEqual(seen, [stops[step - 1]]);
        const watched: Frames[] = [];
        execute(hooked, `${name}$watched`, step, (frames) => {
          watched.push(frames);
          hooked.$.horizon = Infinity;
        });
        assert.deepEqual(watched, seen);
      }
    }
  });
}

describe("an instrumented program", () => {
  it("equals the one that it was made from, wherever it is stopped, and every stop has the whole backtrace", async () => {
    await fc.assert(fc.asyncProperty(fc.array(program, { minLength: 1, maxLength: 12, size: "max" }), checkPrograms), {
      numRuns: 25,
      seed: 7,
    });
  });
});
