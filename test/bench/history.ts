// Response times of the debug adapter behind long histories: 10^3 to 10^7 statements.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "../debug-adapter/client.ts";
import type { BenchRow } from "./prio-tree.ts";

/** Four viewers of one file; one of them truncates it over and over, another touches, unmaps and maps it. */
const SCENARIO = `file data size 4M
process viewer * 4 {
  V = mmap(data, flags: shared)
  touch(V[0 .. 64K])
}
task shrink in viewer[0] on cpu 0 {
  repeat forever { truncate(data, 64K) truncate(data, 4M) touch(V) }
}
task other in viewer[1] on cpu 1 {
  repeat forever { touch(V[0 .. 256K]) munmap(V[0 .. 64K]) compute(20us) V = mmap(data, length: 64K) }
}
`;

const HISTORIES = [1e3, 1e4, 1e5, 1e6, 1e7];
const ROUNDS = 5;
/** Milliseconds in which a user looks at a stop: checkpoints are placed meanwhile. */
const THINK_TIME = 2_500;

/** Milliseconds that each of some requests has taken. */
async function timed(go: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await go();
  return performance.now() - begin;
}

function median(taken: readonly number[]): number {
  return [...taken].sort((a, b) => a - b)[Math.floor(taken.length / 2)]!;
}

const think = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, THINK_TIME));

async function session(program: string, step: number): Promise<BenchRow[]> {
  const client = await Client.start({ check: false });
  await client.launch({ program, stopAt: `step ${step}` }, {});
  const { threadId } = await client.stopped();
  const taken = new Map<string, number[]>();
  const note = async (name: string, go: () => Promise<unknown>): Promise<void> =>
    void taken.set(name, [...(taken.get(name) ?? []), await timed(go)]);
  for (let round = 0; round < ROUNDS; round++) {
    await note("step", () => client.go("next", { threadId }));
    await note("stackTrace", () => client.ask("stackTrace", { threadId }));
    const [frame] = await client.stack(threadId);
    const { variablesReference } = (await client
      .ask("evaluate", { expression: "page(0).table", frameId: frame!.id, context: "watch" })
      .catch(() => ({ variablesReference: 0 }))) as { variablesReference: number };
    if (variablesReference > 0) await note("1,024 variables", () => client.ask("variables", { variablesReference }));
    await think();
    await note("step back", () => client.go("stepBack", { threadId }));
    await think();
    await note("step back again", () => client.go("stepBack", { threadId }));
  }
  await think();
  for (let press = 0; press < 2 * ROUNDS; press++) {
    await note("step back, every 150 ms", () => client.go("stepBack", { threadId }));
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  await client.ask("setFunctionBreakpoints", { breakpoints: [{ name: "unmap_begin" }] });
  await think();
  await note("reverse continue, first", () => client.go("reverseContinue"));
  for (let round = 0; round < ROUNDS; round++) {
    await think();
    await note("reverse continue", () => client.go("reverseContinue"));
  }
  for (let round = 0; round < ROUNDS; round++) await note("reverse continue, without a pause", () => client.go("reverseContinue"));
  await client.close();
  return [...taken].map(([name, times]) => ({ name: `${name}, 10^${Math.log10(step)} steps before`, rate: median(times), unit: "ms" }));
}

/** Round trips over stdio with the built adapter. */
export async function benchHistory(): Promise<BenchRow[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "lockbreak-history-"));
  try {
    const program = path.join(folder, "history.vmscn");
    writeFileSync(program, SCENARIO);
    const found: BenchRow[] = [];
    for (const step of HISTORIES) found.push(...(await session(program, step)));
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
