// Snapshots of a stopped run: the states of vmas, locks and processes, as the views of an editor ask for them.

import assert from "node:assert/strict";
import type { SessionSnapshot } from "../../src/debug-adapter/protocol/protocol.ts";
import { KERNEL_NAMES } from "../../src/engine/kernel/variants.ts";
import type { Client } from "./client.ts";
import { closeAll, debug, debugToLockbreak, EXAMPLE, lineOf, scenario, stackOf } from "./support.ts";

describe("snapshots", () => {
  afterEach(closeAll);

  const ask = async (client: Client, args: object): Promise<SessionSnapshot> =>
    (await client.ask("lockbreak/snapshot", args)) as SessionSnapshot;

  it("show each vma's state in the order of visits, and the locks", async () => {
    const { client } = await debugToLockbreak();
    const { groups } = await ask(client, { view: "files" });
    assert.deepEqual(groups, [{ id: "data", label: "data", total: 5, line: lineOf(EXAMPLE, "file data") }]);
    const { vmas } = await ask(client, { view: "files", group: "data" });
    assert.deepEqual(
      vmas!.map(({ name, state }) => [name, state]),
      [
        ["viewer[0].V", "restart point"],
        ["viewer[1].V", "not reached"],
        ["viewer[2].V", "not reached"],
        ["viewer[3].V", "not reached"],
        ["editor.A", null],
      ],
    );
    const [first] = vmas!;
    assert.equal(first!.line, lineOf(EXAMPLE, "V = mmap(data)"));
    assert.equal(first!.mapped + (first!.restart_addr! - first!.vm_start) / 4096 - 16, 256);
    const { locks } = await ask(client, { view: "locks", group: "busy" });
    assert.deepEqual(
      locks!.map(({ name, owners, waiters, lockbreaks }) => [name, owners, waiters, lockbreaks]),
      [
        ["data.i_sem", ["shrink"], [], 0],
        ["data.i_mmap_lock", [], ["reader"], 1],
        ["editor.mmap_sem", ["reader"], [], 0],
      ],
    );
  });

  it("follow a truncation to its end, by process in order of addresses, in parts", async () => {
    const { client, stop } = await debug(EXAMPLE, { functions: [{ name: "vma_complete", hitCondition: "2" }] });
    const { vmas } = await ask(client, { view: "files", group: "data", start: 1, count: 2 });
    assert.deepEqual(
      vmas!.map(({ name, state }) => [name, state]),
      [
        ["viewer[1].V", "done"],
        ["viewer[2].V", "not reached"],
      ],
    );
    const { vmas: own } = await ask(client, { view: "processes", group: "viewer[0]" });
    assert.deepEqual(
      own!.map(({ process, state }) => [process, state]),
      [["viewer[0]", "done"]],
    );
    await client.ask("setFunctionBreakpoints", { breakpoints: [] });
    assert.equal((await client.go("continue")).threadId, stop.threadId);
    assert.ok((await ask(client, { view: "files", group: "data" })).vmas!.every(({ state }) => state === null));
    assert.match(await client.refused("lockbreak/snapshot", { view: "pages" }), /'view' must be/);
  });

  it("consist of several parts on request, and groups are paged", async () => {
    const { client } = await debugToLockbreak();
    const one = await ask(client, { view: "processes", start: 3, count: 2 });
    assert.deepEqual([one.groups!.map(({ id }) => id), one.total], [["viewer[3]", "editor"], 5]);
    const parts = [{ count: 1 }, { group: "editor" }, { group: "viewer[1]", start: 1 }];
    const several = await ask(client, { view: "processes", parts });
    assert.deepEqual(
      several.parts,
      await Promise.all(
        parts.map(async (part) => {
          const { position, ...rows } = await ask(client, { view: "processes", ...part });
          assert.deepEqual(position, several.position);
          return rows;
        }),
      ),
    );
    assert.match(await client.refused("lockbreak/snapshot", { view: "files", parts: "data" }), /'parts' must be/);
  });

  it("of kernels without restarts show the states in the order of visits", async () => {
    for (const name of ["2.6.9", "3.0"]) {
      const { client } = await debug(
        EXAMPLE,
        { functions: [{ name: "zap_page_range", condition: "vma == viewer[2].V" }] },
        { kernel: name },
      );
      const { vmas } = await ask(client, { view: "files", group: "data" });
      assert.deepEqual(
        vmas!.map(({ state }) => state),
        ["done", "done", "being zapped", "not reached", null],
      );
    }
  });

  it("show states that only advance from not reached to done, at every statement of an unmapping, on every kernel", async () => {
    const text = "file data size 64K\nprocess p * 3 { V = mmap(data) touch(V) }\ntask t in p[0] on cpu 0 { truncate(data, 0) }\n";
    const rank = ["not reached", "being zapped", "restart point", "done"];
    for (const name of KERNEL_NAMES) {
      const { client, stop } = await debug(scenario(text), { functions: ["unmap_mapping_range"] }, { kernel: name });
      const seen: number[] = [0, 0, 0];
      const row = async (): Promise<(string | null)[]> =>
        (await ask(client, { view: "files", group: "data" })).vmas!.map(({ state }) => state);
      assert.deepEqual(await row(), [null, null, null], `${name}: not begun`);
      let steps = 0;
      for (
        let at = stop;
        (await stackOf(client, at.threadId)).includes("unmap_mapping_range");
        at = await client.go("stepIn", { threadId: at.threadId })
      ) {
        for (const [vma, state] of (await row()).entries()) {
          if (state === null) continue;
          assert.ok(
            rank.indexOf(state) >= seen[vma]!,
            `${name}, ${(await client.stack(at.threadId))[0]!.name}: vma ${vma} was ${rank[seen[vma]!]} and is ${state}`,
          );
          seen[vma] = rank.indexOf(state);
        }
        steps += 1;
      }
      assert.ok(steps > 50, name);
      assert.deepEqual(
        seen.map((state) => rank[state]),
        ["done", "done", "done"],
        name,
      );
    }
  });

  it("show the restart point of kernels that save it in the vma", async () => {
    for (const name of ["2.6.11", "2.6.38"]) {
      const { client } = await debug(EXAMPLE, { filters: ["lockbreak"] }, { kernel: name });
      const { vmas } = await ask(client, { view: "files", group: "data" });
      assert.deepEqual(
        vmas!.map(({ state }) => state),
        ["restart point", "not reached", "not reached", "not reached", null],
      );
      assert.equal(vmas![0]!.restart_addr, vmas![0]!.vm_truncate_count);
      const { locks } = await ask(client, { view: "locks", group: "busy" });
      assert.deepEqual(
        locks!.map(({ kind, lockbreaks }) => [kind, lockbreaks]),
        [["i_sem", 0], ...(name === "2.6.38" ? [["unmap_mutex", 0]] : []), ["i_mmap_lock", 1], ["mmap_sem", 0]],
      );
    }
  });
});
