// A tree view over plain data that is loaded level by level. A new state of the tree is laid over the old one: elements
// keep their identity by id, and only what has changed is told to the editor, so nothing folds up or flickers at a step.

import { EventEmitter, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, type Disposable, type TreeDataProvider } from "vscode";

/** One element as it should look. */
export interface NodeData {
  /** The same element has the same id at every stop, unlike any other's of the tree. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** What a screen reader says. */
  readonly spoken: string;
  readonly icon: { readonly name: string; readonly color?: string };
  /** What menus go by. */
  readonly kind: string;
  readonly children: "none" | "expanded" | "collapsed";
  /** What is below it: rows of a group or, if `group` is null, groups; from which on, and how many. */
  readonly rows: { readonly group: string | null; readonly start: number; readonly count: number } | null;
  /** The line of the scenario (from 1) that declares it. */
  readonly line: number | null;
}

/** An element with its identity. */
export interface Node {
  data: NodeData;
  /** Null until they have been asked for. */
  children: Node[] | null;
  readonly parent: Node | null;
}

/** Loads the children of several elements, null for the top level, in this order. Fails if the state it is about is gone. */
export type Load = (parents: readonly (NodeData | null)[]) => Promise<readonly (readonly NodeData[])[]>;

/** The part of an element's data that is the same for its whole life is its id; the rest is compared. */
const LOOKS = ["label", "description", "tooltip", "spoken", "kind", "children", "line"] as const;

export class DataTree implements TreeDataProvider<Node>, Disposable {
  private roots: Node[] | null = null;
  private load: Load | null = null;
  /** Counts the states shown, so that what was loaded for an earlier one is dropped. */
  private state = 0;
  private readonly changed = new EventEmitter<Node[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;

  /** @param command what selecting an element that has a line does */
  constructor(private readonly command: string) {}

  /** Shows what `load` says from now on; null for nothing. Loads again all that the editor has asked for so far. */
  async show(load: Load | null): Promise<void> {
    const state = (this.state += 1);
    this.load = load;
    let loaded: Loaded = new Map();
    try {
      if (load !== null && this.roots !== null) loaded = await reload(load, this.roots);
    } catch {
      return; // The program has gone on: what is shown stays until it stops again.
    }
    if (state !== this.state) return;
    const before = this.roots;
    const changed: Node[] = [];
    this.roots = load === null || before === null ? null : merge(null, before, loaded, changed);
    const same = before !== null && this.roots !== null && sameNodes(before, this.roots);
    if (!same) this.changed.fire(undefined);
    else if (changed.length > 0) this.changed.fire(changed);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    for (;;) {
      const present = node === undefined ? this.roots : node.children;
      if (present !== null) return present;
      const { load, state } = this;
      const parent = node?.data ?? null;
      if (load === null) return [];
      // Nothing, if the program has gone on; as it is remembered, it is loaded again at the next stop.
      const [data = []] = await load([parent]).catch(() => []);
      // A later state may have come in between: that one is asked then.
      if (state !== this.state || parent !== (node?.data ?? null)) continue;
      const made = data.map((child): Node => ({ data: child, children: null, parent: node ?? null }));
      if (node === undefined) this.roots = made;
      else node.children = made;
      return made;
    }
  }

  getParent(node: Node): Node | undefined {
    return node.parent ?? undefined;
  }

  getTreeItem(node: Node): TreeItem {
    const { data } = node;
    const item = new TreeItem(data.label, COLLAPSIBLE[data.children]);
    item.id = data.id;
    item.description = data.description;
    item.tooltip = data.tooltip;
    item.accessibilityInformation = { label: data.spoken };
    item.iconPath = new ThemeIcon(data.icon.name, data.icon.color === undefined ? undefined : new ThemeColor(data.icon.color));
    item.contextValue = data.kind;
    if (data.line !== null) item.command = { command: this.command, title: "Go to Declaration in Scenario", arguments: [node] };
    return item;
  }

  dispose(): void {
    this.changed.dispose();
  }
}

const COLLAPSIBLE = { none: TreeItemCollapsibleState.None, expanded: TreeItemCollapsibleState.Expanded, collapsed: TreeItemCollapsibleState.Collapsed };

/** The children of elements, and of the top level, as they are now. */
type Loaded = ReadonlyMap<Node | null, readonly NodeData[]>;

/** Loads, level by level, the children of all elements whose children have been asked for. */
async function reload(load: Load, roots: readonly Node[]): Promise<Loaded> {
  const loaded = new Map<Node | null, readonly NodeData[]>();
  let level: { readonly node: Node | null; readonly data: NodeData | null; readonly before: readonly Node[] }[] = [{ node: null, data: null, before: roots }];
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

/** Lays the loaded data over `nodes`; adds to `changed` the nodes to be drawn anew, each with its children. */
function merge(parent: Node | null, nodes: readonly Node[], loaded: Loaded, changed: Node[]): Node[] {
  const byId = new Map(nodes.map((node) => [node.data.id, node]));
  return loaded.get(parent)!.map((data) => {
    const node = byId.get(data.id);
    if (node === undefined) return { data, children: null, parent };
    const below: Node[] = [];
    const children = node.children !== null && loaded.has(node) ? merge(node, node.children, loaded, below) : null;
    const same = looksLike(node.data, data) && (children === null ? node.children === null : node.children !== null && sameNodes(node.children, children));
    node.data = data;
    node.children = children;
    if (same) changed.push(...below);
    else changed.push(node);
    return node;
  });
}

function sameNodes(a: readonly Node[], b: readonly Node[]): boolean {
  return a.length === b.length && a.every((node, i) => node === b[i]);
}

function looksLike(a: NodeData, b: NodeData): boolean {
  return LOOKS.every((key) => a[key] === b[key]) && a.icon.name === b.icon.name && a.icon.color === b.icon.color;
}
