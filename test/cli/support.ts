// Runs the built command line as users do: in a process of its own, on scenarios in a temporary folder.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export const CLI = path.resolve("dist/cli.mjs");

export interface ProcessResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder for scenarios, gone after the suite. */
export function scenarioFolder(): { file(name: string, text: string | Uint8Array): string; readonly path: string } {
  const folder = mkdtempSync(path.join(tmpdir(), "lockbreak-"));
  after(() => rmSync(folder, { recursive: true }));
  return {
    path: folder,
    file(name, text) {
      const file = path.join(folder, name);
      writeFileSync(file, text);
      return file;
    },
  };
}

/** An environment without the colours and the terminal of the user that runs the tests. */
function environment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { PATH, ...extra };
}

export function lockbreak(
  args: readonly string[],
  { input = "", env = {} }: { input?: string; env?: Readonly<Record<string, string>> } = {},
): ProcessResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    input,
    env: environment(env),
    encoding: "utf8",
    maxBuffer: 64 * 1024 ** 2,
  });
  return { status, stdout, stderr };
}

/** Two viewers map a file; while it is truncated, another task maps and unmaps parts of it. */
export const LOCKBREAK = `kernel vmtrunc4
machine { cpus: 2  break_lock: cleared }
file data size 512K
process viewer * 2 {
  V = mmap(data)
  touch(V)
}
process editor { A = mmap(data, length: 64K) }
task shrink in viewer[0] on cpu 0 {
  truncate(data, 64K)
}
task reader in editor on cpu 1 {
  repeat 2 {
    sleep(10us)
    B = mmap(data, offset: 256K, length: 32K)
    munmap(B)
  }
}
check finally mapped(data, beyond: 64K) == 0
check finally lockbreaks(data) >= 2
`;

/** A boundary between vmas moves while the lock is dropped: a bug of this kernel. */
export const LEFT_MAPPED = `file data size 64K
process p {
  A = mmap(data)
  touch(A)
  mprotect(A[32K .. 64K], read)
}
task shrink in p on cpu 0 {
  truncate(data, 0)
}
on lockbreak(data) #1 { mprotect(p.A[16K .. 32K], read) }
force need_lockbreak(data.i_mmap_lock) at 1..100
`;

export const ENDLESS = `file data size 1M
process p { V = mmap(data) }
task again in p on cpu 0 {
  repeat forever {
    touch(V[0 .. 4K])
    madvise(V[0 .. 4K], dontneed)
  }
}
`;
