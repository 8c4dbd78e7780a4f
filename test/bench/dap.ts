// Response times of the debug adapter: a step with all requests an editor sends after it, and the start.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "../debug-adapter/client.ts";
import type { BenchRow } from "./prio-tree.ts";

const WARM_UP = 600;
const ROUNDS = 200;
/** Going back replays the run: fewer rounds do. */
const BACK_ROUNDS = 40;

/** A file that is mapped `vmas` times, by ten processes at most a hundred times each. */
function scenario(vmas: number): string {
  const processes = Math.max(1, vmas / 100);
  return `file data size 64K
process p * ${processes} {
  repeat ${vmas / processes} {
    V = mmap(data, length: 16K)
    touch(V[0 .. 4K])
  }
}
task shrink in p[0] on cpu 0 {
  repeat forever { truncate(data, 0) }
}
`;
}

/** One stop and everything an editor asks then. */
async function round(client: Client, command: "next" | "stepIn" | "stepBack", threadId: number): Promise<void> {
  await client.go(command, { threadId });
  await client.ask("threads");
  const { stackFrames } = (await client.ask("stackTrace", { threadId, startFrame: 0, levels: 20 })) as { stackFrames: { id: number }[] };
  const { scopes } = (await client.ask("scopes", { frameId: stackFrames[0]!.id })) as { scopes: { variablesReference: number }[] };
  await client.ask("variables", { variablesReference: scopes[0]!.variablesReference });
}

async function times(rounds: number, go: () => Promise<void>): Promise<number[]> {
  const taken: number[] = [];
  for (let at = 0; at < rounds; at++) {
    const begin = performance.now();
    await go();
    taken.push(performance.now() - begin);
  }
  return taken.sort((a, b) => a - b);
}

function rows(name: string, taken: readonly number[]): BenchRow[] {
  const at = (part: number): number => taken[Math.min(taken.length - 1, Math.floor(taken.length * part))]!;
  return [
    { name: `${name}, median`, rate: at(0.5), unit: "ms" },
    { name: `${name}, p95`, rate: at(0.95), unit: "ms" },
  ];
}

async function steps(vmas: number, folder: string): Promise<BenchRow[]> {
  const program = path.join(folder, `${vmas}.vmscn`);
  writeFileSync(program, scenario(vmas));
  const client = await Client.start({ check: false });
  await client.launch({ program }, { functions: ["unmap_mapping_range"] });
  const { threadId } = await client.stopped();
  await times(WARM_UP, () => round(client, "stepIn", threadId));
  const next = await times(ROUNDS, () => round(client, "next", threadId));
  await times(5, () => round(client, "stepBack", threadId));
  const back = await times(BACK_ROUNDS, () => round(client, "stepBack", threadId));
  await client.close();
  return [...rows(`DAP round of next, ${vmas} vmas`, next), ...rows(`DAP round of stepBack, ${vmas} vmas`, back)];
}

/** Milliseconds from the start of a process to its `initialized`. */
async function start(): Promise<number> {
  const begin = performance.now();
  const client = await Client.start({ check: false });
  await client.initialize();
  await client.event("initialized");
  const taken = performance.now() - begin;
  await client.close();
  return taken;
}

async function starts(count: number): Promise<number[]> {
  const taken: number[] = [];
  while (taken.length < count) taken.push(await start());
  return taken.sort((a, b) => a - b);
}

/** Round trips over stdio with the built adapter, and the start of its process. */
export async function benchDap(): Promise<BenchRow[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "lockbreak-bench-"));
  try {
    const found: BenchRow[] = [];
    for (const vmas of [10, 1_000, 10_000]) found.push(...(await steps(vmas, folder)));
    return [...found, ...rows("DAP spawn to initialized", await starts(15))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
