// A tree data provider over plain data that is loaded level by level. A new state of the tree is merged into the old one: elements
// keep their identity by id, and the editor is notified of changed elements alone, so that none collapses or flickers at a step.

import { EventEmitter, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, type Disposable, type TreeDataProvider } from "vscode";

/** One element as it should look. */
export interface TreeNodeData {
  /** The same element has the same id at every stop, unlike any other's of the tree. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** What a screen reader says. */
  readonly accessibleLabel: string;
  readonly icon: { readonly name: string; readonly color?: string };
  /** The context value by which menus select the element. */
  readonly contextValue: string;
  readonly children: "none" | "expanded" | "collapsed";
  /** What is below it: rows of a group or, if `group` is null, groups; from which on, and how many. */
  readonly rows: { readonly group: string | null; readonly start: number; readonly count: number } | null;
  /** The line of the scenario (from 1) that declares the element. */
  readonly line: number | null;
}

/** An element with its identity. */
export interface TreeNode {
  data: TreeNodeData;
  /** Null until the editor has requested them. */
  children: TreeNode[] | null;
  readonly parent: TreeNode | null;
}

/** Loads the children of several elements, null for the top level, in this order. Fails if the state it is about is gone. */
export type LoadChildren = (parents: readonly (TreeNodeData | null)[]) => Promise<readonly (readonly TreeNodeData[])[]>;

/** The part of an element's data that is the same for its whole life is its id; the rest is compared. */
const COMPARED_FIELDS = ["label", "description", "tooltip", "accessibleLabel", "contextValue", "children", "line"] as const;

export class DataTree implements TreeDataProvider<TreeNode>, Disposable {
  private roots: TreeNode[] | null = null;
  private load: LoadChildren | null = null;
  /** Counts the states shown, so that what was loaded for an earlier one is dropped. */
  private state = 0;
  private readonly changed = new EventEmitter<TreeNode[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;

  /** @param command what selecting an element that has a line does */
  constructor(private readonly command: string) {}

  /** Shows what `load` loads from now on; null for nothing. Reloads all elements that the editor has requested so far. */
  async show(load: LoadChildren | null): Promise<void> {
    const state = (this.state += 1);
    this.load = load;
    let loaded: Loaded = new Map();
    try {
      if (load !== null && this.roots !== null) loaded = await reload(load, this.roots);
    } catch {
      return; // The debuggee has resumed: what is shown stays until it stops again.
    }
    if (state !== this.state) return;
    const before = this.roots;
    const changed: TreeNode[] = [];
    this.roots = load === null || before === null ? null : merge(null, before, loaded, changed);
    const same = before !== null && this.roots !== null && sameNodes(before, this.roots);
    if (!same) this.changed.fire(undefined);
    else if (changed.length > 0) this.changed.fire(changed);
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    for (;;) {
      const present = node === undefined ? this.roots : node.children;
      if (present !== null) return present;
      const { load, state } = this;
      const parent = node?.data ?? null;
      if (load === null) return [];
      // Empty if the debuggee has resumed. The empty list counts as loaded, so it is reloaded at the next stop.
      const [data = []] = await load([parent]).catch(() => []);
      // A later state may have replaced this one meanwhile: then the children are loaded from that one.
      if (state !== this.state || parent !== (node?.data ?? null)) continue;
      const created = data.map((child): TreeNode => ({ data: child, children: null, parent: node ?? null }));
      if (node === undefined) this.roots = created;
      else node.children = created;
      return created;
    }
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return node.parent ?? undefined;
  }

  getTreeItem(node: TreeNode): TreeItem {
    const { data } = node;
    const item = new TreeItem(data.label, COLLAPSIBLE[data.children]);
    item.id = data.id;
    item.description = data.description;
    item.tooltip = data.tooltip;
    item.accessibilityInformation = { label: data.accessibleLabel };
    item.iconPath = new ThemeIcon(data.icon.name, data.icon.color === undefined ? undefined : new ThemeColor(data.icon.color));
    item.contextValue = data.contextValue;
    if (data.line !== null) item.command = { command: this.command, title: "Go to Declaration in Scenario", arguments: [node] };
    return item;
  }

  dispose(): void {
    this.changed.dispose();
  }
}

const COLLAPSIBLE = {
  none: TreeItemCollapsibleState.None,
  expanded: TreeItemCollapsibleState.Expanded,
  collapsed: TreeItemCollapsibleState.Collapsed,
};

/** The children of elements, and of the top level, as they are now. */
type Loaded = ReadonlyMap<TreeNode | null, readonly TreeNodeData[]>;

/** Loads, level by level, the children of all elements whose children the editor has requested. */
async function reload(load: LoadChildren, roots: readonly TreeNode[]): Promise<Loaded> {
  const loaded = new Map<TreeNode | null, readonly TreeNodeData[]>();
  let level: { readonly node: TreeNode | null; readonly data: TreeNodeData | null; readonly before: readonly TreeNode[] }[] = [
    { node: null, data: null, before: roots },
  ];
  while (level.length > 0) {
    const lists = await load(level.map(({ data }) => data));
    level.forEach(({ node }, i) => loaded.set(node, lists[i]!));
    level = level.flatMap(({ before }, i) => {
      const now = new Map(lists[i]!.map((data) => [data.id, data]));
      return before.flatMap((node) => {
        const data = now.get(node.data.id);
        return data === undefined || data.children === "none" || node.children === null ? [] : [{ node, data, before: node.children }];
      });
    });
  }
  return loaded;
}

/** Merges the loaded data into `nodes`; adds to `changed` the nodes to be redrawn, each with its children. */
function merge(parent: TreeNode | null, nodes: readonly TreeNode[], loaded: Loaded, changed: TreeNode[]): TreeNode[] {
  const byId = new Map(nodes.map((node) => [node.data.id, node]));
  return loaded.get(parent)!.map((data) => {
    const node = byId.get(data.id);
    if (node === undefined) return { data, children: null, parent };
    const below: TreeNode[] = [];
    const children = node.children !== null && loaded.has(node) ? merge(node, node.children, loaded, below) : null;
    const same =
      isSameItem(node.data, data) &&
      (children === null ? node.children === null : node.children !== null && sameNodes(node.children, children));
    node.data = data;
    node.children = children;
    if (same) changed.push(...below);
    else changed.push(node);
    return node;
  });
}

function sameNodes(a: readonly TreeNode[], b: readonly TreeNode[]): boolean {
  return a.length === b.length && a.every((node, i) => node === b[i]);
}

function isSameItem(a: TreeNodeData, b: TreeNodeData): boolean {
  return COMPARED_FIELDS.every((key) => a[key] === b[key]) && a.icon.name === b.icon.name && a.icon.color === b.icon.color;
}
