// The esbuild plugin that instruments a folder and serves the table of its sites as `lockbreak:sites`.
import { readdir, readFile, realpath } from "node:fs/promises";
import path from "node:path";
import type { File } from "@babel/types";
import type { PartialMessage, Plugin } from "esbuild";
import type { Site } from "lockbreak:sites";
import { type FunctionNames, type Instrumented, functionNames, instrument, instrumentTracepoints } from "./instrument.ts";
import { InstrumentError, type Problem } from "./problems.ts";
import { tableModule } from "./table.ts";

export interface InstrumentOptions {
  /** Absolute path; every .ts file below it is instrumented, whether a build bundles it or not. */
  readonly folder: string;
  /** Absolute path of hooks.ts; default `<folder>/../machine/hooks.ts`. */
  readonly hooks?: string;
  /** Absolute path of a folder whose files, besides those of `folder`, pass tracepoints; none by default. */
  readonly tracepoints?: string;
  /** Leave the code as it is, without variants, and serve an empty table. */
  readonly passthrough?: boolean;
  /** May change the expressions of each file, whose path below the folder it is given. */
  readonly prepare?: (ast: File, file: string) => void;
}

/** What is made of a folder. */
interface Made {
  readonly outputs: ReadonlyMap<string, string>;
  readonly sites: readonly Site[];
  readonly errors: PartialMessage[];
}

const NOTHING: Made = { outputs: new Map(), sites: [], errors: [] };

/**
 * Site numbers count through the folder's files in order of their paths, so equal sources give equal numbers. They are
 * known only when all files are done; therefore everything is instrumented when a build starts.
 */
export function instrumentPlugin(options: InstrumentOptions): Plugin {
  const { folder, hooks = path.join(folder, "../machine/hooks.ts"), tracepoints, passthrough = false, prepare } = options;
  // A program makes many bundles of the same sources, which take longer to instrument than to bundle.
  let last: { readonly sources: ReadonlyMap<string, string>; readonly made: Made } | undefined;
  return {
    name: "instrument",
    setup(build) {
      // Per build: builds that run at the same time may see different sources.
      let made = NOTHING;

      build.onStart(async () => {
        if (passthrough) return {};
        const root = await realpath(folder);
        const hooksFile = path.join(await realpath(path.dirname(hooks)), path.basename(hooks));
        const sources = new Map<string, string>();
        const folders = tracepoints === undefined ? [root] : [root, await realpath(tracepoints)];
        for (const file of (await Promise.all(folders.map(sourceFiles))).flat()) sources.set(file, await readFile(file, "utf8"));
        if (last === undefined || !areEqual(sources, last.sources))
          last = { sources, made: instrumentAll(sources, root, hooksFile, prepare) };
        made = last.made;
        return { errors: made.errors };
      });

      build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
        const contents = made.outputs.get(file);
        return contents === undefined ? undefined : { contents, loader: "ts" };
      });
      build.onResolve({ filter: /^lockbreak:sites$/ }, () => ({ path: "sites", namespace: "lockbreak" }));
      build.onLoad({ filter: /^sites$/, namespace: "lockbreak" }, () => ({ contents: tableModule(made.sites), loader: "js" }));
    },
  };
}

/** Instruments all files below `root`, in the order of `sources`; files elsewhere have their tracepoints rewritten. */
function instrumentAll(sources: ReadonlyMap<string, string>, root: string, hooksFile: string, prepare: InstrumentOptions["prepare"]): Made {
  const outputs = new Map<string, string>();
  const sites: Site[] = [];
  const errors: PartialMessage[] = [];
  const functions = new Map<string, FunctionNames>();
  const attempt = (file: string, work: (source: string) => void): void => {
    const source = sources.get(file)!;
    try {
      work(source);
    } catch (error) {
      if (!(error instanceof InstrumentError)) throw error;
      errors.push(...error.problems.map((problem) => message(problem, file, source)));
    }
  };
  const files = [...sources.keys()];
  const instrumented = files.filter((file) => file.startsWith(root + path.sep));
  for (const file of instrumented) attempt(file, (source) => functions.set(file, functionNames(source, relative(root, file))));
  if (errors.length > 0) return { ...NOTHING, errors };
  for (const file of files.filter((other) => !instrumented.includes(other))) {
    attempt(file, (source) => {
      const result = instrumentTracepoints(source, path.basename(file));
      if (result !== null) outputs.set(file, withMap(result));
    });
  }
  for (const file of instrumented) {
    attempt(file, (source) => {
      const imported = (name: string) => functions.get(path.resolve(path.dirname(file), name)) ?? NONE;
      const result = instrument(source, {
        file: relative(root, file),
        hooks: specifier(file, hooksFile),
        firstSite: sites.length,
        functions: imported,
        prepare: prepare && ((ast) => prepare(ast, relative(root, file))),
      });
      sites.push(...result.sites);
      outputs.set(file, withMap(result));
    });
  }
  return { outputs, sites, errors };
}

function areEqual(some: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): boolean {
  return some.size === others.size && [...some].every(([file, source]) => others.get(file) === source);
}

const NONE: FunctionNames = { watched: new Set(), plain: new Set() };

/** Every .ts file below the folder except declarations, sorted so that the order is the same on every machine. */
async function sourceFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map(slashes)
    .sort()
    .map((name) => path.join(folder, name));
}

/** The code with its source map inline, which esbuild chains to its own. */
function withMap({ code, map }: Omit<Instrumented, "sites">): string {
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;
}

function specifier(from: string, to: string): string {
  const relative = slashes(path.relative(path.dirname(from), to));
  return relative.startsWith(".") ? relative : `./${relative}`;
}

function relative(root: string, file: string): string {
  return slashes(path.relative(root, file));
}

function slashes(name: string): string {
  return name.replaceAll("\\", "/");
}

/** In esbuild's terms: columns count bytes from 0. */
function message({ code, message: text, line, column }: Problem, file: string, source: string): PartialMessage {
  const lineText = source.split(/\r?\n/)[line - 1] ?? "";
  const location = { file: path.relative(process.cwd(), file), line, column: Buffer.byteLength(lineText.slice(0, column - 1)), lineText };
  return { text: `${code}: ${text}`, location };
}
