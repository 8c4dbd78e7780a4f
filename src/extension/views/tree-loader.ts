// Loads the rows of the tree views from the active session: all that are requested at a time with one request.

import type { SessionSnapshot, SnapshotArguments, SnapshotPart, SnapshotRows } from "../../debug-adapter/protocol/protocol.ts";
import { PART_SIZE, groupNode, lockNode, partNodes, vmaNode, type GroupKind } from "./tree-items.ts";
import type { LoadChildren, TreeNodeData } from "./tree.ts";

export type ViewKind = SnapshotArguments["view"];
type RowRange = NonNullable<TreeNodeData["rows"]>;

const KINDS = { files: "file", processes: "process", locks: "locks" } as const satisfies Record<ViewKind, GroupKind>;
/** The top level: the groups, of which there may be more than a part has rows. */
const TOP: RowRange = { group: null, start: 0, count: PART_SIZE };

export function treeLoader(view: ViewKind, request: (args: SnapshotArguments) => Promise<SessionSnapshot>): LoadChildren {
  return async (parents) => {
    const ranges = parents.map((parent) => (parent === null ? TOP : parent.rows));
    const requested = ranges.filter((range) => range !== null && range.count <= PART_SIZE) as RowRange[];
    const { parts = [] } = requested.length === 0 ? {} : await request({ view, parts: requested.map(partAt) });
    const found = new Map(requested.map((range, i) => [range, parts[i]!]));
    return parents.map((parent, i) => {
      const range = ranges[i]!;
      if (range === null) return [];
      const rows = found.get(range);
      return rows === undefined ? partNodes(parent!.label, range.group, range.count) : childNodes(view, parent, rows);
    });
  };
}

function partAt({ group, start, count }: RowRange): SnapshotPart {
  return { ...(group !== null && { group }), start, count };
}

function childNodes(
  view: ViewKind,
  parent: TreeNodeData | null,
  { groups = [], total = 0, vmas = [], locks = [] }: SnapshotRows,
): TreeNodeData[] {
  if (parent === null && total > PART_SIZE) return partNodes(view, null, total);
  return [
    ...groups.map((group) => groupNode(group, KINDS[view], total)),
    ...vmas.map((vma) => vmaNode(vma, parent!)),
    ...locks.map((lock) => lockNode(lock, parent!)),
  ];
}
