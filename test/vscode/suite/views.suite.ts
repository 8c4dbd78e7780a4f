// The trees behind the views: what they tell the editor when states come one upon the other.

import { DataTree, type Load, type Node, type NodeData } from "../../../src/extension/views/tree.ts";
import { groupNode, partNodes, vmaNode } from "../../../src/extension/views/rows.ts";
import type { VmaRow } from "../../../src/debug-adapter/protocol.ts";
import { equal, match } from "./assert.ts";

function node(id: string, description: string, children: NodeData["children"] = "none"): NodeData {
  return { id, label: id, description, tooltip: "", spoken: id, icon: { name: "dash" }, kind: "vma", children, rows: null, line: null };
}

/** A state of a tree with one group. */
function state(...rows: NodeData[]): Load {
  return (parent) => Promise.resolve(parent === null ? [node("group", `${rows.length}`, "expanded")] : rows);
}

/** A tree, and what it has told the editor to draw anew: ids, or "all". */
function watched(): { tree: DataTree; told: (string | undefined)[] } {
  const tree = new DataTree("command");
  const told: (string | undefined)[] = [];
  tree.onDidChangeTreeData((nodes) => told.push(nodes === undefined ? "all" : nodes.map(({ data }) => data.id).join(" ")));
  return { tree, told };
}

const labels = (nodes: readonly Node[]): string => nodes.map(({ data }) => `${data.id}:${data.description}`).join(" ");

describe("trees", () => {
  it("tell only what has changed, and keep elements", async () => {
    const { tree, told } = watched();
    await tree.show(state(node("a", "1"), node("b", "1")));
    const [group] = await tree.getChildren();
    const before = await tree.getChildren(group);
    await tree.show(state(node("a", "1"), node("b", "2")));
    equal(told, ["all", "b"]);
    const after = await tree.getChildren(group);
    equal(after[0] === before[0] && after[1] === before[1], true, "identity");
    await tree.show(state(node("a", "1"), node("b", "2"), node("c", "1")));
    equal(told.at(-1), "group", "a new row");
    await tree.show(state(node("a", "1"), node("b", "2"), node("c", "1")));
    equal(told.length, 3, "nothing has changed");
    await tree.show(null);
    equal(await tree.getChildren(), []);
  });

  it("never answer with what an earlier state says", async () => {
    const { tree } = watched();
    await tree.show(state());
    const [group] = await tree.getChildren();
    // The editor asks for the rows; before they are there, the next state comes, with a row.
    const asked = tree.getChildren(group);
    const shown = tree.show(state(node("a", "1")));
    equal(labels(await asked), "a:1");
    await shown;
    equal(labels(await tree.getChildren(group)), "a:1");
  });

  it("keep what they show while the program runs", async () => {
    const { tree, told } = watched();
    await tree.show(state(node("a", "1")));
    const [group] = await tree.getChildren();
    await tree.getChildren(group);
    await tree.show(() => Promise.reject(new Error("running")));
    equal(told, ["all"]);
    equal(labels(await tree.getChildren(group)), "a:1");
  });
});

describe("rows", () => {
  const vma: VmaRow = {
    id: "viewer[0]:40000000", name: "viewer[0].V", process: "viewer[0]", file: "data", vm_start: 0x40000000, vm_end: 0x40100000, flags: "rw-s", vm_pgoff: 0,
    vm_truncate_count: 3, mapped: 12, pages: 256, nonlinear: false, state: "restart point", restart_addr: 0x40050000, line: 18,
  };

  it("say the state of a vma in words, to eyes and ears", () => {
    const group = groupNode({ id: "data", label: "data", total: 1, line: 15 }, "file");
    const { description, spoken, tooltip } = vmaNode(vma, group);
    equal(description, "restart point at 0x40050000 · 12/256 pages · count 3");
    equal(spoken, "viewer[0].V, restart point at 0x40050000, 12 of 256 pages mapped, truncate count 3");
    match(tooltip, /0x40000000-0x40100000 rw-s/);
    match(vmaNode({ ...vma, vm_truncate_count: 0x40050000 }, group).description, /count 0x40050000$/);
  });

  it("come in parts of a hundred", () => {
    const group = groupNode({ id: "data", label: "data", total: 250, line: null }, "file");
    const parts = partNodes(group, group.rows!);
    equal(parts.map(({ id, label }) => `${id} ${label}`), ["data/0 1 … 100", "data/100 101 … 200", "data/200 201 … 250"]);
  });
});
