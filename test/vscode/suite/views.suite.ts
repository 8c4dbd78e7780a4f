// The trees behind the views: their notifications to the editor when one state follows another.

import { DataTree, type LoadChildren, type TreeNode, type TreeNodeData } from "../../../src/extension/views/tree.ts";
import { treeLoader } from "../../../src/extension/views/tree-loader.ts";
import { groupNode, partNodes, vmaNode } from "../../../src/extension/views/tree-items.ts";
import type { SessionSnapshot, SnapshotArguments, VmaRow } from "../../../src/debug-adapter/protocol/protocol.ts";
import { equal, match } from "./assert.ts";

function node(id: string, description: string, children: TreeNodeData["children"] = "none"): TreeNodeData {
  return {
    id,
    label: id,
    description,
    tooltip: "",
    accessibleLabel: id,
    icon: { name: "dash" },
    contextValue: "vma",
    children,
    rows: null,
    line: null,
  };
}

/** A state of a tree with one group. */
function state(...rows: TreeNodeData[]): LoadChildren {
  return (parents) => Promise.resolve(parents.map((parent) => (parent === null ? [node("group", `${rows.length}`, "expanded")] : rows)));
}

/** A tree, and the elements whose refresh it has requested from the editor: ids, or "all". */
function watched(): { tree: DataTree; refreshed: (string | undefined)[] } {
  const tree = new DataTree("command");
  const refreshed: (string | undefined)[] = [];
  tree.onDidChangeTreeData((nodes) => refreshed.push(nodes === undefined ? "all" : nodes.map(({ data }) => data.id).join(" ")));
  return { tree, refreshed };
}

const labels = (nodes: readonly TreeNode[]): string => nodes.map(({ data }) => `${data.id}:${data.description}`).join(" ");

describe("trees", () => {
  it("refresh only the elements that have changed, and keep all", async () => {
    const { tree, refreshed } = watched();
    await tree.show(state(node("a", "1"), node("b", "1")));
    const [group] = await tree.getChildren();
    const before = await tree.getChildren(group);
    await tree.show(state(node("a", "1"), node("b", "2")));
    equal(refreshed, ["all", "b"]);
    const after = await tree.getChildren(group);
    equal(after[0] === before[0] && after[1] === before[1], true, "identity");
    await tree.show(state(node("a", "1"), node("b", "2"), node("c", "1")));
    equal(refreshed.at(-1), "group", "a new row");
    await tree.show(state(node("a", "1"), node("b", "2"), node("c", "1")));
    equal(refreshed.length, 3, "nothing has changed");
    await tree.show(null);
    equal(await tree.getChildren(), []);
  });

  it("never return children of an earlier state", async () => {
    const { tree } = watched();
    await tree.show(state());
    const [group] = await tree.getChildren();
    // The editor requests the rows; before they are loaded, the next state comes, with a row.
    const asked = tree.getChildren(group);
    const shown = tree.show(state(node("a", "1")));
    equal(labels(await asked), "a:1");
    await shown;
    equal(labels(await tree.getChildren(group)), "a:1");
  });

  it("keep their elements while the program runs", async () => {
    const { tree, refreshed } = watched();
    await tree.show(state(node("a", "1")));
    const [group] = await tree.getChildren();
    await tree.getChildren(group);
    await tree.show(() => Promise.reject(new Error("running")));
    equal(refreshed, ["all"]);
    equal(labels(await tree.getChildren(group)), "a:1");
  });
});

const vma: VmaRow = {
  id: "viewer[0]:40000000",
  name: "viewer[0].V",
  process: "viewer[0]",
  file: "data",
  vm_start: 0x40000000,
  vm_end: 0x40100000,
  flags: "rw-s",
  vm_pgoff: 0,
  vm_truncate_count: 3,
  mapped: 12,
  pages: 256,
  nonlinear: false,
  state: "restart point",
  restart_addr: 0x40050000,
  line: 18,
};

describe("rows", () => {
  it("say the state of a vma in words, to eyes and ears", () => {
    const group = groupNode({ id: "data", label: "data", total: 1, line: 15 }, "file", 1);
    const { description, accessibleLabel, tooltip } = vmaNode(vma, group);
    equal(description, "restart at 0x40050000 · 12/256 · count 3");
    equal(accessibleLabel, "viewer[0].V, restart point at 0x40050000, 12 of 256 pages mapped, truncate count 3");
    match(tooltip, /0x40000000-0x40100000 rw-s/);
    match(vmaNode({ ...vma, vm_truncate_count: 0x40050000 }, group).description, /count 0x40050000$/);
  });

  it("come in parts of a hundred", () => {
    const parts = partNodes("data", "data", 250);
    equal(
      parts.map(({ id, label }) => `${id} ${label}`),
      ["data/0 1 … 100", "data/100 101 … 200", "data/200 201 … 250"],
    );
  });
});

describe("loading", () => {
  /** A view of that many processes with one vma each, and what was requested. */
  function processes(number: number): { requests: SnapshotArguments[]; request: (args: SnapshotArguments) => Promise<SessionSnapshot> } {
    const requests: SnapshotArguments[] = [];
    const all = Array.from({ length: number }, (_, i) => ({ id: `p[${i}]`, label: `p[${i}]`, total: 1, line: 1 }));
    const request = (args: SnapshotArguments): Promise<SessionSnapshot> => {
      requests.push(args);
      const parts = args.parts!.map(({ group, start = 0, count = 100 }) =>
        group === undefined ? { groups: all.slice(start, start + count), total: number } : { vmas: [{ ...vma, id: group }] },
      );
      return Promise.resolve({ position: {} as SessionSnapshot["position"], parts });
    };
    return { requests, request };
  }

  it("takes one request for each level of what is unfolded", async () => {
    const { requests, request } = processes(15);
    const { tree } = watched();
    await tree.show(treeLoader("processes", request));
    const groups = await tree.getChildren();
    equal(
      groups.every(({ data }) => data.children === "expanded"),
      true,
      "15 groups are unfolded",
    );
    for (const group of groups) await tree.getChildren(group);
    requests.length = 0;
    await tree.show(treeLoader("processes", request));
    equal(
      requests.map(({ parts }) => parts!.length),
      [1, 15],
    );
  });

  it("folds up many groups, and shows very many in parts", async () => {
    const few = await treeLoader("processes", processes(21).request)([null]);
    equal(
      few[0]!.every(({ children }) => children === "collapsed"),
      true,
      "21 groups are folded",
    );
    const { requests, request } = processes(2050);
    const { tree } = watched();
    await tree.show(treeLoader("processes", request));
    const parts = await tree.getChildren();
    equal([parts.length, parts.at(-1)!.data.label, parts[0]!.data.children], [21, "2001 … 2050", "collapsed"]);
    const last = await tree.getChildren(parts.at(-1));
    equal([last.length, last.at(-1)!.data.label, last[0]!.data.children], [50, "p[2049]", "collapsed"]);
    await tree.getChildren(last[3]);
    requests.length = 0;
    await tree.show(treeLoader("processes", request));
    equal(
      requests.map(({ parts: asked }) => asked!.length),
      [1, 1, 1],
      "requests of a step",
    );
  });

  it("asks for as many rows as there are now", async () => {
    const counts: (number | undefined)[] = [];
    const rows = (total: number) =>
      treeLoader("files", ({ parts }) => {
        counts.push(parts!.find(({ group }) => group !== undefined)?.count);
        return Promise.resolve({
          position: {} as SessionSnapshot["position"],
          parts: parts!.map(({ group }) =>
            group === undefined ? { groups: [{ id: "data", label: "data", total, line: 1 }], total: 1 } : { vmas: [] },
          ),
        });
      });
    const { tree } = watched();
    await tree.show(rows(1));
    const [group] = await tree.getChildren();
    await tree.getChildren(group);
    await tree.show(rows(2));
    equal(counts.at(-1), 2);
  });
});
