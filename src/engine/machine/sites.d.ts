// The site table that tools/instrument makes at build time; one entry per statement and per instrumented call.
declare module "lockbreak:sites" {
  export interface Site {
    /** Path below src/engine/kernel, e.g. `memory.ts` or `vmtrunc4/memory.ts`. */
    readonly file: string;
    /** 1-based, as editors count; the end column is exclusive. The names of the range are those of DAP. */
    readonly line: number;
    readonly column: number;
    readonly endLine: number;
    readonly endColumn: number;
    /** Name of the kernel function the site is in. */
    readonly function: string;
    /** The names of that function's parameters. */
    readonly parameters: readonly string[];
    readonly kind: "statement" | "call";
    /** True for the first statement of a function: where a function breakpoint stops. */
    readonly entry: boolean;
  }
  const sites: readonly Site[];
  export default sites;
}
