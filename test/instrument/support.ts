// Compiles kernel sources given as text the way the build does, and runs what comes out.
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import type { Site } from "lockbreak:sites";
import type { $ as State, Frame, Frames, Kernel } from "../../src/engine/machine/hooks.ts";
import { instrumentPlugin, type InstrumentOptions } from "../../tools/instrument/plugin.ts";

const HOOKS = path.resolve("src/engine/machine/hooks.ts");

export interface Compiled {
  /** The instance of the stepping state that this code counts in. */
  readonly $: typeof State;
  readonly sites: readonly Site[];
  /** Everything that kernel/main.ts exports; the caller knows what its source says. */
  readonly main: Record<string, (...args: never[]) => Kernel<unknown>>;
  /** Everything that trace.ts exports, if there is one. */
  readonly trace: Record<string, unknown>;
  readonly output: string;
}

/** Runs `use` with a folder that holds the given files, and removes it. */
export async function withFolder<T>(files: Record<string, string>, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "instrument-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Bundles kernel/main.ts of `folder` and imports the bundle. */
export async function compileFolder(folder: string, options: Pick<InstrumentOptions, "passthrough"> = {}): Promise<Compiled> {
  const contents = [
    `export * as main from "./kernel/main.ts";`,
    `export * as trace from "./trace.ts";`,
    `export { $ } from ${JSON.stringify(HOOKS)};`,
    `export { default as sites } from "lockbreak:sites";`,
  ].join("\n");
  const result = await build({
    stdin: { contents, resolveDir: folder, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    outfile: "bundle.mjs",
    logLevel: "silent",
    plugins: [instrumentPlugin({ folder: path.join(folder, "kernel"), hooks: HOOKS, ...options })],
  });
  const output = result.outputFiles[0]?.text ?? "";
  const module = (await import(`data:text/javascript;base64,${Buffer.from(output).toString("base64")}`)) as Omit<Compiled, "output">;
  return { ...module, output };
}

/** Compiles a single kernel file. */
export function compile(source: string): Promise<Compiled> {
  return withFolder({ "kernel/main.ts": source, "trace.ts": "export {};" }, compileFolder);
}

/** Runs to the end, calling `onStop` at every stop the current horizon causes. */
export function run<T>(kernel: Kernel<T>, onStop: (frames: Frames) => void): T {
  for (;;) {
    const result = kernel.next();
    if (result.done === true) return result.value;
    if (!Array.isArray(result.value)) throw new Error("parked");
    onStop(result.value);
  }
}

/** The source text a site marks. */
export function textOf(source: string, { line, column, endLine, endColumn }: Site): string {
  const lines = source.split("\n").slice(line - 1, endLine);
  lines[lines.length - 1] = lines[lines.length - 1]?.slice(0, endColumn - 1) ?? "";
  lines[0] = lines[0]?.slice(column - 1) ?? "";
  return lines.join("\n");
}

/** Every stop of a run that stops before every statement, as `text {locals} < caller's text {locals} < …`. */
export async function stops(source: string, name: string, ...args: unknown[]): Promise<{ stops: string[]; result: unknown }> {
  const { $, sites, main } = await compile(source);
  $.step = 0;
  $.horizon = 0;
  const seen: string[] = [];
  const show = ([site, locals]: Frame) => `${textOf(source, sites[site] as Site)} {${Object.keys(locals).join(" ")}}`;
  const result = run((main[name] as (...args: unknown[]) => Kernel<unknown>)(...args), (frames) => seen.push(frames.map(show).join(" < ")));
  return { stops: seen, result };
}
