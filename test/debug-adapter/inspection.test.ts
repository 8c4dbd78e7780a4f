// Inspection of a stopped run: scopes, variables, watches, sources. Snapshots are in snapshots.test.ts.

import type { DebugProtocol } from "@vscode/debugprotocol";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { sequence } from "../patterns.ts";
import type { Client } from "./client.ts";
import { closeAll, connect, debug, debugToLockbreak, EXAMPLE, kernel, lineOf, scenario, TWO_BREAKS } from "./support.ts";

type Variable = DebugProtocol.Variable;

async function scopes(client: Client, threadId: number, frame = 0): Promise<Map<string, DebugProtocol.Scope>> {
  const stack = await client.stack(threadId);
  const { scopes: found } = (await client.ask("scopes", { frameId: stack[frame]!.id })) as DebugProtocol.ScopesResponse["body"];
  return new Map(found.map((scope) => [scope.name, scope]));
}

async function variables(client: Client, variablesReference: number, more: object = {}): Promise<Variable[]> {
  return ((await client.ask("variables", { variablesReference, ...more })) as DebugProtocol.VariablesResponse["body"]).variables;
}

function table(found: readonly Variable[]): Record<string, string> {
  return Object.fromEntries(found.map(({ name, value }) => [name, value]));
}

/** Every variable that can be reached in `depth` steps: its evaluateName must give the same value. */
async function checkNames(client: Client, frameId: number, reference: number, depth: number): Promise<number> {
  let checked = 0;
  const found = await variables(client, reference);
  assert.equal(new Set(found.map(({ name }) => name)).size, found.length, "names are unique");
  for (const { evaluateName, value, variablesReference } of found) {
    if (evaluateName === undefined) continue;
    const { result } = (await client.ask("evaluate", {
      expression: evaluateName,
      frameId,
      context: "watch",
    })) as DebugProtocol.EvaluateResponse["body"];
    assert.equal(result, value, evaluateName);
    checked += 1;
    if (variablesReference > 0 && depth > 1) checked += await checkNames(client, frameId, variablesReference, depth - 1);
  }
  return checked;
}

describe("variables", () => {
  afterEach(closeAll);

  const SCOPES = ["Locals", "Arguments", "Scenario", "Task", "CPU & gather", "Statistics", "Locks"];

  it("are in scopes of fixed order, those not every frame has at the end", async () => {
    const { client, stop } = await debugToLockbreak();
    assert.deepEqual([...(await scopes(client, stop.threadId)).keys()], [...SCOPES, "Mapping", "Details"]);
    const depth = (await client.stack(stop.threadId)).length;
    assert.deepEqual([...(await scopes(client, stop.threadId, depth - 1)).keys()], [...SCOPES, "Mapping", "Details"]);
    const [, reader] = ((await client.ask("threads")) as DebugProtocol.ThreadsResponse["body"]).threads;
    assert.deepEqual([...(await scopes(client, reader!.id)).keys()].slice(0, SCOPES.length), SCOPES);
  });

  it("show the kernel's structs with the kernel's fields, addresses in hexadecimal", async () => {
    const { client, stop } = await debugToLockbreak();
    const found = await scopes(client, stop.threadId);
    const locals = table(await variables(client, found.get("Arguments")!.variablesReference));
    assert.deepEqual(Object.keys(locals), ["vma", "start_addr", "end_addr", "details"]);
    assert.deepEqual(Object.keys(table(await variables(client, found.get("Locals")!.variablesReference))), ["need_break"]);
    assert.equal(locals["vma"], "viewer[0].V 0x40000000-0x40100000 rw-s");
    assert.equal(locals["end_addr"], "0x40100000");
    const details = table(await variables(client, found.get("Details")!.variablesReference));
    assert.equal(details["restart_vma"], locals["vma"]);
    assert.equal(details["restart_addr"], details["break_addr"]);
    assert.equal(Number(details["restart_pgoff"]), (Number(details["restart_addr"]) - 0x4000_0000) / 4096);
    assert.equal(details["truncate_count"], "1");
    const mapping = table(await variables(client, found.get("Mapping")!.variablesReference));
    assert.deepEqual([mapping["truncate_count"], mapping["i_size"], mapping["i_mmap_lock"]], ["1", "65536", "free, wanted by reader"]);
    const locks = table(await variables(client, found.get("Locks")!.variablesReference));
    assert.match(locks["data.i_sem"]!, /^held by shrink since [\d.]+ µs$/);
  });

  it("can be watched and copied by their evaluateName", async () => {
    const { client, stop } = await debugToLockbreak();
    const [frame] = await client.stack(stop.threadId);
    let checked = 0;
    for (const { variablesReference } of (await scopes(client, stop.threadId)).values())
      checked += await checkNames(client, frame!.id, variablesReference, 2);
    assert.ok(checked > 100);
  });

  it("are the same at the same step, forwards and backwards", async () => {
    const { client, stop } = await debugToLockbreak();
    const all = async (): Promise<Record<string, string>[]> => {
      const found = [];
      for (const { variablesReference } of (await scopes(client, stop.threadId)).values())
        found.push(table(await variables(client, variablesReference)));
      return found;
    };
    const before = await all();
    await client.go("next", { threadId: stop.threadId });
    await client.go("stepBack", { threadId: stop.threadId });
    assert.deepEqual(await all(), before);
  });

  it("of long arrays are paged", async () => {
    const { client, stop } = await debug(scenario(TWO_BREAKS), { functions: ["zap_pte_range"] });
    const found = await variables(client, (await scopes(client, stop.threadId)).get("Arguments")!.variablesReference);
    const pages = found.find(({ name }) => name === "table")!;
    assert.equal(pages.indexedVariables, 1024);
    const part = await variables(client, pages.variablesReference, { filter: "indexed", start: 2, count: 3 });
    assert.deepEqual(
      part.map(({ name }) => name),
      ["[2]", "[3]", "[4]"],
    );
    assert.ok(
      part.every(
        ({ value, evaluateName }) =>
          /^0x[0-9a-f]{4,5}067 page \d+ rw dirty accessed, data\[\d\]$|^0x[0-9a-f]+027 page \d+ rw accessed, data\[\d\]$/.test(value) &&
          /^table\[\d\]$/.test(evaluateName!),
      ),
      JSON.stringify(part),
    );
    assert.deepEqual(await variables(client, pages.variablesReference, { filter: "indexed", start: 1030, count: 3 }), []);
  });

  it("expand a page to its struct page, a tree to its vmas in the order of a walk, and task, CPU and statistics", async () => {
    const { client, stop } = await debugToLockbreak();
    const [frame] = await client.stack(stop.threadId);
    const evaluate = async (expression: string): Promise<Variable> =>
      (await client.ask("evaluate", { expression, frameId: frame!.id, context: "watch" })) as Variable;
    const tree = await evaluate("data.i_mmap");
    assert.deepEqual([tree.indexedVariables, tree.namedVariables], [5, 2]);
    const vmas = await variables(client, tree.variablesReference, { filter: "indexed", start: 3, count: 2 });
    assert.deepEqual(
      vmas.map(({ name, value, evaluateName }) => [name, value.split(" ")[0], evaluateName]),
      [
        ["[3]", "viewer[3].V", "data.i_mmap[3]"],
        ["[4]", "editor.A", "data.i_mmap[4]"],
      ],
    );
    assert.deepEqual(table(await variables(client, tree.variablesReference, { filter: "named" }))["index_bits"], "8");
    const page = await evaluate("page(40)");
    assert.match(page.memoryReference!, /^0x100000005[0-9a-f]{2}$/);
    const fields = table(await variables(client, page.variablesReference));
    assert.deepEqual(Object.keys(fields), ["flags", "_count", "_mapcount", "mapping", "index"]);
    const found = await scopes(client, stop.threadId);
    const task = table(await variables(client, found.get("Task")!.variablesReference));
    assert.deepEqual([task["pid"], task["cpu"], task["state"], task["held"]], ["2", "0", '"running"', "1 element"]);
    const cpu = await variables(client, found.get("CPU & gather")!.variablesReference);
    assert.deepEqual(
      cpu.map(({ name, evaluateName }) => [name, evaluateName]),
      [
        ["cpu", "cpu(0)"],
        ["gather", "gather(0)"],
      ],
    );
    assert.match(cpu[0]!.value, /^CPU 0, [\d.]+ µs, executing shrink$/);
    assert.match(cpu[1]!.value, /^of viewer\[0\], \d+ pages in the batch, \d+ freed$/);
    assert.equal(table(await variables(client, found.get("Statistics")!.variablesReference))["lockbreaks"], "1");
    // A variable that can be set is one without the hint that it is read-only.
    const gather = await variables(client, cpu[1]!.variablesReference);
    assert.deepEqual(
      gather.filter(({ presentationHint }) => presentationHint === undefined).map(({ name }) => name),
      ["nr", "need_flush", "fullmm", "freed", "room"],
    );
  });

  it("that are page tables or struct pages have a memory reference", async () => {
    const { client, stop } = await debug(EXAMPLE, { functions: ["zap_pte_range"] });
    const [frame] = await client.stack(stop.threadId);
    const evaluate = async (expression: string): Promise<Variable & { result: string }> =>
      (await client.ask("evaluate", { expression, frameId: frame!.id, context: "watch" })) as Variable & { result: string };
    const { memoryReference } = await evaluate("table");
    const read = async (reference: string, offset: number, count: number): Promise<{ bytes: Buffer; missing: number }> => {
      const { data, unreadableBytes = 0 } = (await client.ask("readMemory", { memoryReference: reference, offset, count })) as NonNullable<
        DebugProtocol.ReadMemoryResponse["body"]
      >;
      return { bytes: Buffer.from(data!, "base64"), missing: unreadableBytes };
    };
    const { bytes, missing } = await read(memoryReference!, 80, 16);
    assert.deepEqual([bytes.length, missing], [16, 0]);
    const entry = Number((await evaluate("table[20]")).result.split(" ")[0]);
    assert.equal(bytes.readUInt32LE(0), entry);
    const number = entry >>> 12;
    const { memoryReference: struct } = await evaluate(`page(${number})`);
    const page = (await read(struct!, 0, 32)).bytes;
    assert.deepEqual(
      [page.readInt32LE(4), page.readInt32LE(8)],
      [Number((await evaluate(`page(${number})._count`)).result), Number((await evaluate(`page(${number})._mapcount`)).result)],
    );
    const top = await evaluate("viewer[0].mmap->vm_mm->pgd");
    assert.match(top.memoryReference!, /^0x20000000000$/);
    assert.equal(
      (await read(top.memoryReference!, 4 * (0x4000_0000 / 2 ** 22), 4)).bytes.readUInt32LE(0) >>> 12,
      Number(memoryReference) / 4096,
    );
    // Data pages have no contents.
    assert.deepEqual(await read(`0x${(number * 4096).toString(16)}`, 0, 64), { bytes: Buffer.alloc(0), missing: 64 });
    assert.match(await client.refused("readMemory", { memoryReference: "nowhere", count: 4 }), /memory reference is an address/);
  });

  it("are invalid after the execution has moved", async () => {
    const { client, stop } = await debugToLockbreak();
    const [frame] = await client.stack(stop.threadId);
    const { variablesReference } = (await scopes(client, stop.threadId)).get("Locals")!;
    await client.go("next", { threadId: stop.threadId });
    assert.match(await client.refused("variables", { variablesReference }), /gone: the execution has moved/);
    assert.match(await client.refused("scopes", { frameId: frame!.id }), /gone: the execution has moved/);
  });

  it("are hexadecimal on request", async () => {
    const { client, stop } = await debugToLockbreak();
    const { variablesReference } = (await scopes(client, stop.threadId)).get("Details")!;
    assert.equal(table(await variables(client, variablesReference))["first_index"], "16");
    assert.equal(table(await variables(client, variablesReference, { format: { hex: true } }))["first_index"], "0x10");
    await client.ask("lockbreak/setHex", { hex: true });
    assert.deepEqual((await client.event("invalidated")).body, { areas: ["variables"] });
    assert.equal(await client.watch("details.first_index", stop.threadId), "0x10");
  });
});

describe("stack frames", () => {
  afterEach(closeAll);

  it("come in parts", async () => {
    const { client, stop } = await debugToLockbreak();
    const all = await client.stack(stop.threadId);
    const part = async (range: object): Promise<unknown> => {
      const { stackFrames, totalFrames } = (await client.ask("stackTrace", {
        threadId: stop.threadId,
        ...range,
      })) as DebugProtocol.StackTraceResponse["body"];
      return [stackFrames, totalFrames];
    };
    assert.deepEqual(await part({ startFrame: 1, levels: 2 }), [all.slice(1, 3), all.length]);
    assert.deepEqual(await part({ startFrame: 2 }), [all.slice(2), all.length]);
    assert.deepEqual(await part({ startFrame: all.length, levels: 20 }), [[], all.length]);
  });

  it("have names with module, parameters and line on request", async () => {
    const { client, stop } = await debugToLockbreak();
    const named = async (format: DebugProtocol.StackFrameFormat): Promise<string> =>
      ((await client.ask("stackTrace", { threadId: stop.threadId, levels: 1, format })) as DebugProtocol.StackTraceResponse["body"])
        .stackFrames[0]!.name;
    assert.equal(await named({ module: true }), "memory.ts!unmap_mapping_range_vma");
    assert.equal(await named({ parameters: true }), "unmap_mapping_range_vma(vma, start_addr, end_addr, details)");
    const [frame] = await client.stack(stop.threadId);
    assert.match(
      await named({ parameters: true, parameterValues: true, line: true }),
      sequence(
        /^unmap_mapping_range_vma\(vma = viewer\[0\]\.V 0x40000000-0x40100000 rw-s, start_addr = 0x40010000, .*\)/,
        new RegExp(` line ${frame!.line}$`),
      ),
    );
    assert.equal(frame!.name, "unmap_mapping_range_vma");
  });
});

describe("expressions", () => {
  afterEach(closeAll);

  it("have a value or an error, never nothing", async () => {
    const { client, stop } = await debugToLockbreak();
    const [frame] = await client.stack(stop.threadId);
    const cases: [string, RegExp][] = [
      ["details->restart_addr", /^0x40[0-9a-f]+$/],
      ["details.restart_addr", /^0x40[0-9a-f]+$/],
      ["details->restart_addr + PAGE_SIZE", /^0x40[0-9a-f]+$/],
      ["details->restart_addr - vma->vm_start", /^\d+$/],
      ["details->restart_vma == vma && vma == viewer[0].V", /^1$/],
      ["data.i_mmap_lock.waiters", /^1$/],
      ["viewer[3].V", /^0x40000000-0x40100000 of data$/],
      ["nothing", /^'nothing' is not known here/],
      ["detials", /Did you mean 'details'\?$/],
      ["vma->vm_strat", /has no field 'vm_strat'\. Did you mean 'vm_start'\?$/],
      ["details->nonlinear_vma->vm_start", /there is no object here \(NULL\)/],
      ["1 +", /^Expected a value, found the end/],
      ["pte(viewer[0], 0x40050000)", /^0x51027 page 81 rw accessed, data\[80\]$/],
      ["1 / 0", /^Division by zero/],
      ["viewer[9]", /index 9 is out of range/],
      ["   ", /nothing to evaluate/],
      ["truncate(data, 0)", /./],
    ];
    for (const [expression, expected] of cases) {
      for (const context of ["watch", "hover", "repl", "clipboard"]) {
        const answer = await client.ask("evaluate", { expression, frameId: frame!.id, context }).then(
          (body) => (body as { result: string }).result,
          (error: Error) => error.message,
        );
        assert.match(answer, expected, `${expression} in ${context}`);
      }
    }
    for (const context of ["watch", "hover", "clipboard"])
      assert.match(
        await client.refused("evaluate", { expression: "data.truncate_count = 3", frameId: frame!.id, context }),
        /only reads: set values in the debug console/,
      );
    assert.equal(
      ((await client.ask("evaluate", { expression: "data.truncate_count", context: "repl" })) as { result: string }).result,
      "1",
    );
  });
});

describe("sources", () => {
  afterEach(closeAll);

  it("are listed, and opened by path", async () => {
    const { client } = await debugToLockbreak();
    const { sources } = (await client.ask("loadedSources")) as DebugProtocol.LoadedSourcesResponse["body"];
    const paths = sources.map((source) => source.path!);
    assert.ok(paths.includes(EXAMPLE) && paths.includes(kernel("common/memory_zap.ts")) && paths.includes(kernel("vmtrunc4/memory.ts")));
    assert.ok(!paths.some((path) => path.includes("2.6.9")));
    for (const path of paths) assert.ok(readFileSync(path, "utf8").length > 0);
  });

  it("are those of all folders that a kernel has files from", async () => {
    const { client } = await debug(EXAMPLE, { filters: ["lockbreak"] }, { kernel: "2.6.11" });
    const { sources } = (await client.ask("loadedSources")) as DebugProtocol.LoadedSourcesResponse["body"];
    const own = sources.map((source) => source.path!.slice(kernel("").length + 1)).filter((file) => /^(vmtrunc|\d)/.test(file));
    assert.deepEqual(own.sort(), [
      "2.6.11/memory.ts",
      "vmtrunc4/memory_blocks.ts",
      "vmtrunc4/memory_search.ts",
      "vmtrunc5/truncate_count.ts",
    ]);
  });

  it("count lines and columns as the client does, and have URIs for a client that wants them", async () => {
    const client = await connect();
    await client.initialize({ linesStartAt1: false, columnsStartAt1: false, pathFormat: "uri" });
    const line = lineOf(EXAMPLE, "truncate(data, 64K)") - 1;
    const { breakpoints } = (await client.ask("setBreakpoints", {
      source: { path: `file://${EXAMPLE}` },
      breakpoints: [{ line }],
    })) as DebugProtocol.SetBreakpointsResponse["body"];
    assert.deepEqual([breakpoints[0]!.line, breakpoints[0]!.column], [line, 2]);
    await client.ask("launch", { program: EXAMPLE });
    await client.ask("configurationDone");
    const [frame] = await client.stack((await client.stopped()).threadId);
    assert.deepEqual([frame!.line, frame!.column, frame!.source!.path], [line, 2, `file://${EXAMPLE}`]);
  });
});
