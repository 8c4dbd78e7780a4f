// Sessions whose messages are recorded as transcripts: each script covers one use of the debugger.

import type { DebugProtocol } from "@vscode/debugprotocol";
import path from "node:path";
import { LEFT_MAPPED } from "../cli/support.ts";
import type { Client, Setup } from "./client.ts";
import { EXAMPLE, kernel, lineOf, TWO_BREAKS } from "./support.ts";

/** A session that a script drives; `threadId` is the thread of the current stop. */
export class Player {
  threadId = 0;

  constructor(
    readonly client: Client,
    readonly program: string,
  ) {}

  /** Sends a request that moves the execution, and waits for the stop. */
  async go(command: string, args: object = { threadId: this.threadId }): Promise<void> {
    this.threadId = (await this.client.go(command, args)).threadId;
  }

  async again(times: number, command: string): Promise<void> {
    for (let n = 0; n < times; n++) await this.go(command);
  }

  async frame(number = 0): Promise<number> {
    return (await this.client.stack(this.threadId))[number]!.id;
  }

  /** Types into the console; with `moves`, that makes the execution move. */
  async type(expression: string, moves = false): Promise<void> {
    await this.client.ask("evaluate", { expression, frameId: await this.frame(), context: "repl" });
    if (moves) this.threadId = (await this.client.stopped()).threadId;
  }

  /** Lists the variables of a scope; resolves to its reference. */
  async scope(name: string): Promise<number> {
    const { scopes } = (await this.client.ask("scopes", { frameId: await this.frame() })) as DebugProtocol.ScopesResponse["body"];
    const { variablesReference } = scopes.find((scope) => scope.name === name)!;
    await this.client.ask("variables", { variablesReference });
    return variablesReference;
  }

  /** Sends the requests that an editor sends when the execution has stopped. */
  async look(): Promise<void> {
    await this.client.ask("threads");
    const { scopes } = (await this.client.ask("scopes", { frameId: await this.frame() })) as DebugProtocol.ScopesResponse["body"];
    for (const { name, variablesReference } of scopes) if (name !== "Locks") await this.client.ask("variables", { variablesReference });
  }
}

export interface Script {
  readonly name: string;
  /** The text of the scenario, or the path of an example. */
  readonly program: string;
  readonly args?: object;
  readonly setup?: Setup;
  /** Drives the session from the first stop on. */
  run(player: Player): Promise<void>;
}

const VARIANT = kernel("vmtrunc4/memory.ts");
const example = (name: string): string => path.resolve("examples", name);
const DEADLOCK = `file a size 16K
file b size 16K
process p { A = mmap(a) touch(A) B = mmap(b) touch(B) }
task one in p on cpu 0 { truncate(a, 0) truncate(b, 0) }
task two in p on cpu 1 { munmap(A) truncate(a, 4K) }
`;
const SEVERAL = TWO_BREAKS.replace("  truncate(data, 0)\n  truncate(data, 0)\n", "  repeat 2 { truncate(data, 4K) truncate(data, 0) }\n");

export const SCRIPTS: readonly Script[] = [
  {
    name: "lockbreak",
    program: EXAMPLE,
    setup: { filters: ["bug", "check", "lockbreak"], lines: { [EXAMPLE]: [27] } },
    async run(player) {
      await player.look();
      await player.go("continue");
      await player.look();
      await player.client.watch("details->restart_addr", player.threadId);
      for (const command of ["next", "next", "stepIn", "stepBack", "stepBack", "reverseContinue", "reverseContinue"])
        await player.go(command);
    },
  },
  {
    name: "failed-check",
    program: TWO_BREAKS.replace("== 2", "== 3"),
    setup: { filters: ["bug", "check"] },
    async run(player) {
      await player.look();
      await player.client.ask("exceptionInfo", { threadId: player.threadId });
      await player.client.ask("continue", { threadId: player.threadId });
      await player.client.event("terminated");
    },
  },
  {
    name: "bug",
    program: LEFT_MAPPED,
    setup: { filterOptions: [{ filterId: "bug", condition: 'code == "truncated-mapped"' }] },
    async run(player) {
      await player.client.ask("exceptionInfo", { threadId: player.threadId });
      await player.go("stepBack");
      await player.go("continue");
    },
  },
  { name: "no-debug", program: TWO_BREAKS, args: { noDebug: true, trace: ["lockbreak"], stopAtEnd: false }, run: async () => undefined },
  {
    name: "two-tasks",
    program: DEADLOCK,
    setup: { filters: ["bug", "lock_contended"] },
    async run(player) {
      await player.client.ask("threads");
      await player.go("continue");
      await player.client.ask("threads");
    },
  },
  {
    name: "limit",
    program: EXAMPLE,
    args: { limits: { steps: 6000 }, stopOnEntry: true },
    async run(player) {
      await player.go("continue");
      await player.go("reverseContinue");
    },
  },
  {
    name: "before-the-patch",
    program: example("before-the-patch.vmscn"),
    setup: { functions: ["unmap_mapping_range", "unmap_mapping_range_vma"] },
    async run(player) {
      await player.client.stack(player.threadId);
      await player.client.ask("modules", { startModule: 0, moduleCount: 2 });
      await player.go("stepOut");
    },
  },
  {
    name: "count-wrap",
    program: example("count-wrap.vmscn"),
    setup: { functions: [{ name: "truncate_count_wrap" }] },
    async run(player) {
      await player.client.watch("last_write(data.truncate_count)", player.threadId);
      await player.type("changes(data.truncate_count)");
    },
  },
  {
    name: "nonlinear",
    program: example("nonlinear.vmscn"),
    setup: { functions: ["unmap_mapping_range_list"] },
    async run(player) {
      await player.scope("Arguments");
      await player.type("info tree data");
    },
  },
  {
    name: "many-small-vmas",
    program: example("many-small-vmas.vmscn"),
    setup: { functions: [{ name: "vma_complete", hitCondition: "% 10" }] },
    async run(player) {
      await player.client.watch("data.i_mmap", player.threadId);
      await player.go("continue");
      await player.go("reverseContinue");
    },
  },
  {
    name: "one-huge-vma",
    program: example("one-huge-vma-restart.vmscn"),
    setup: { filterOptions: [{ filterId: "restart" }, { filterId: "vma_complete", condition: "vma->vm_start > 0" }] },
    async run(player) {
      await player.again(2, "continue");
      await player.type("info vmas");
    },
  },
  {
    name: "breakpoints",
    program: SEVERAL,
    setup: { functions: [{ name: "zap_block", hitCondition: "3" }, { name: "nothing_of_this_name" }] },
    async run(player) {
      const line = lineOf(player.program, "repeat 2");
      await player.client.ask("breakpointLocations", { source: { path: player.program }, line });
      await player.client.ask("setBreakpoints", { source: { path: player.program }, breakpoints: [{ line, column: 33 }, { line: 999 }] });
      await player.client.ask("setBreakpoints", {
        source: { path: VARIANT },
        breakpoints: [{ line: lineOf(VARIANT, "details.restart_vma = vma;"), condition: "vma ==" }],
      });
      await player.go("continue");
    },
  },
  {
    name: "log-points",
    program: EXAMPLE,
    setup: {
      lines: { [VARIANT]: [{ line: lineOf(VARIANT, "details.restart_vma = vma;"), logMessage: "{vma}: resume at {details->break_addr}" }] },
    },
    run: async () => undefined,
  },
  {
    name: "data-breakpoints",
    program: EXAMPLE,
    setup: { filters: ["lockbreak"] },
    async run(player) {
      await player.client.ask("setExceptionBreakpoints", { filters: [] });
      const info = (await player.client.ask("dataBreakpointInfo", {
        variablesReference: await player.scope("Details"),
        name: "restart_addr",
      })) as DebugProtocol.DataBreakpointInfoResponse["body"];
      await player.client.ask("dataBreakpointInfo", { name: "need_break", frameId: await player.frame() });
      await player.client.ask("setDataBreakpoints", {
        breakpoints: [
          { dataId: info.dataId },
          { dataId: "viewer[1].V.vm_truncate_count", accessType: "write" },
          { dataId: "data.i_mmap_lock.break_lock", accessType: "read", hitCondition: "100" },
        ],
      });
      for (const command of ["continue", "continue", "reverseContinue"]) await player.go(command);
    },
  },
  {
    name: "goto",
    program: EXAMPLE,
    args: { stopAt: 400 },
    async run(player) {
      for (const args of [{ step: 6000 }, { time: 20_000 }, { to: "nextEvent" }, { to: "previousEvent" }, { to: "previousStop" }])
        await player.go("lockbreak/goto", args);
      const { targets } = (await player.client.ask("gotoTargets", {
        source: { path: VARIANT },
        line: lineOf(VARIANT, "details.restart_vma = vma;"),
      })) as DebugProtocol.GotoTargetsResponse["body"];
      await player.go("goto", { threadId: player.threadId, targetId: targets[0]!.id });
    },
  },
  {
    name: "frames",
    program: EXAMPLE,
    setup: { lines: { [VARIANT]: [lineOf(VARIANT, "yield* k.zap_page_range(vma")] } },
    async run(player) {
      const { targets } = (await player.client.ask("stepInTargets", {
        frameId: await player.frame(),
      })) as DebugProtocol.StepInTargetsResponse["body"];
      await player.go("stepIn", { threadId: player.threadId, targetId: targets[0]!.id });
      await player.go("restartFrame", { frameId: await player.frame(1) });
      for (const kind of ["stepIn", "stepOut", "next"]) await player.go("lockbreak/reverse", { threadId: player.threadId, kind });
    },
  },
  {
    name: "what-if-value",
    program: TWO_BREAKS,
    setup: { filters: ["lockbreak"], functions: ["truncate_count_wrap"] },
    async run(player) {
      await player.client.ask("setExpression", { expression: "data.truncate_count", value: "0xffffffff" });
      await player.client.stopped();
      await player.client.ask("threads");
      await player.again(2, "continue");
      await player.type("branch");
      await player.go("lockbreak/leaveBranch", {});
      await player.client.refused("setVariable", { variablesReference: await player.scope("Details"), name: "i_mmap_lock", value: "NULL" });
    },
  },
  {
    name: "what-if-schedule",
    program: EXAMPLE,
    setup: { filters: ["lockbreak"] },
    async run(player) {
      await player.client.ask("setExceptionBreakpoints", { filters: [] });
      const { threads } = (await player.client.ask("threads")) as DebugProtocol.ThreadsResponse["body"];
      await player.go("lockbreak/runNext", { threadId: threads.find(({ name }) => name.startsWith("reader"))!.id });
      await player.go("next", { threadId: player.threadId, singleThread: true });
      await player.type("branch leave", true);
    },
  },
  {
    name: "console",
    program: EXAMPLE,
    setup: { filters: ["lockbreak"] },
    async run(player) {
      for (const line of ["info locks", "info trace 5", "maps viewer[3]", "help"]) await player.type(line);
      for (const line of ["reverse-step", "next", "reverse-finish", "goto event 60", "reverse-continue"]) await player.type(line, true);
      await player.client.refused("evaluate", { expression: "goto somewhere", context: "repl" });
      await player.client.ask("completions", { text: "details->restart_", column: 18, frameId: await player.frame() });
    },
  },
  {
    name: "hexadecimal",
    program: EXAMPLE,
    setup: { filters: ["lockbreak"] },
    async run(player) {
      await player.client.ask("evaluate", {
        expression: "details->first_index",
        frameId: await player.frame(),
        context: "clipboard",
        format: { hex: true },
      });
      await player.client.ask("lockbreak/setHex", { hex: true });
      await player.client.watch("details->first_index", player.threadId);
    },
  },
  {
    name: "memory",
    program: EXAMPLE,
    setup: { functions: ["zap_pte_range"] },
    async run(player) {
      const table = (await player.client.ask("evaluate", {
        expression: "table",
        frameId: await player.frame(),
        context: "watch",
      })) as DebugProtocol.EvaluateResponse["body"];
      await player.client.ask("variables", { variablesReference: table.variablesReference, filter: "indexed", start: 16, count: 3 });
      await player.client.ask("readMemory", { memoryReference: table.memoryReference, offset: 64, count: 12 });
      await player.type("x/3 1 << 41");
    },
  },
  {
    name: "sources",
    program: EXAMPLE,
    setup: { filters: ["lockbreak"] },
    async run(player) {
      await player.client.ask("loadedSources");
      await player.client.refused("source", { sourceReference: 9999 });
      await player.client.ask("lockbreak/snapshot", { view: "files" });
      await player.client.ask("lockbreak/snapshot", { view: "files", group: "data", start: 0, count: 2 });
      await player.client.ask("lockbreak/snapshot", { view: "locks", group: "busy" });
    },
  },
  {
    name: "restart",
    program: TWO_BREAKS,
    setup: { filters: ["lockbreak"] },
    async run(player) {
      await player.go("continue");
      await player.go("restart", {});
      await player.client.ask("lockbreak/checkProgram", {});
      await player.client.ask("cancel", { requestId: 1 });
      await player.client.ask("terminate", {});
      await player.client.event("terminated");
    },
  },
  {
    name: "helpers",
    program: TWO_BREAKS.replace("force", "on lockbreak(data) #1 { munmap(viewer[1].V[0 .. 64K]) }\nforce"),
    setup: { functions: [{ name: "unmap_region", condition: "mm == viewer[1]" }] },
    async run(player) {
      await player.client.ask("threads");
      await player.client.stack(player.threadId);
      await player.go("stepOut");
      await player.client.ask("pause", { threadId: player.threadId });
    },
  },
];
