// Support for the tests of the debug adapter: scenarios, locations in sources, and sessions that are closed after the test.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client, CLI, type Setup, type Stopped } from "./client.ts";

export const EXAMPLE = path.resolve("examples/truncate-lockbreak.vmscn");
/** The folder of kernel sources that the adapter reports to clients without a base of their own. */
const KERNEL = path.join(path.dirname(CLI), "kernel");

const folder = mkdtempSync(path.join(tmpdir(), "lockbreak-dap-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** A scenario file with this text. */
export function scenario(text: string): string {
  const file = path.join(folder, `scenario-${(files += 1)}.vmscn`);
  writeFileSync(file, text);
  return file;
}

/** The path of a kernel source that the adapter reports. */
export function kernel(file: string): string {
  return path.join(KERNEL, file);
}

/** The line, from 1, of the first occurrence of `text` in a file. */
export function lineOf(file: string, text: string): number {
  const lines = readFileSync(file, "utf8").split("\n");
  const at = lines.findIndex((line) => line.includes(text));
  if (at < 0) throw new Error(`no '${text}' in ${file}`);
  return at + 1;
}

const open: Client[] = [];

/** A session that is closed after the test. */
export async function connect(options?: Parameters<typeof Client.start>[0]): Promise<Client> {
  const client = await Client.start(options);
  open.push(client);
  return client;
}

/** A session that runs `program` and has stopped for the first time. */
export async function debug(program: string, setup: Setup = {}, args: object = {}): Promise<{ client: Client; stop: Stopped }> {
  const client = await connect();
  await client.launch({ program, ...args }, setup);
  return { client, stop: await client.stopped() };
}

/** A session that runs the example and has stopped at its first lockbreak. */
export async function debugToLockbreak(): Promise<{ client: Client; stop: Stopped }> {
  return debug(EXAMPLE, { filters: ["lockbreak"] });
}

/** Ends the sessions of a test. */
export async function closeAll(): Promise<void> {
  for (const client of open.splice(0)) if (!client.gone) await client.close();
}

/** The functions of a stack, innermost first, with the line of the scenario at the end. */
export async function stackOf(client: Client, threadId: number): Promise<string[]> {
  return (await client.stack(threadId)).map(({ name }) => name);
}

/** The location of a thread: function, line and column. */
export async function placeOf(client: Client, threadId: number): Promise<string> {
  const [frame] = await client.stack(threadId);
  return `${frame!.name}:${frame!.line}:${frame!.column}`;
}

/** One file and two viewers; the truncation drops i_mmap_lock twice. */
export const TWO_BREAKS = `file data size 256K
process viewer * 2 {
  V = mmap(data)
  touch(V)
}
task shrink in viewer[0] on cpu 0 {
  truncate(data, 0)
  truncate(data, 0)
}
force need_lockbreak(data.i_mmap_lock) at 2..4, 6..8
check finally lockbreaks(data) == 2
`;

/** A run without an end. */
export const ENDLESS = `file data size 64K
process p {
  V = mmap(data)
}
task work in p on cpu 0 {
  repeat forever {
    touch(V)
    compute(1us)
  }
}
`;
