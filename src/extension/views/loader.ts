// Loads what the trees show, from the session that is looked at: all that is wanted at a time with one request.

import type { Snapshot, SnapshotArguments, SnapshotPart, SnapshotRows } from "../../debug-adapter/protocol/protocol.ts";
import { PART, groupNode, lockNode, partNodes, vmaNode, type GroupKind } from "./rows.ts";
import type { Load, NodeData } from "./tree.ts";

export type ViewKind = SnapshotArguments["view"];
type Place = NonNullable<NodeData["rows"]>;

const KINDS = { files: "file", processes: "process", locks: "locks" } as const satisfies Record<ViewKind, GroupKind>;
/** What is below no element: the groups, of which there may be more. */
const TOP: Place = { group: null, start: 0, count: PART };

export function loader(view: ViewKind, request: (args: SnapshotArguments) => Promise<Snapshot>): Load {
  return async (parents) => {
    const places = parents.map((parent) => (parent === null ? TOP : parent.rows));
    const asked = places.filter((place) => place !== null && place.count <= PART) as Place[];
    const { parts = [] } = asked.length === 0 ? {} : await request({ view, parts: asked.map(partAt) });
    const found = new Map(asked.map((place, i) => [place, parts[i]!]));
    return parents.map((parent, i) => {
      const place = places[i]!;
      if (place === null) return [];
      const rows = found.get(place);
      return rows === undefined ? partNodes(parent!.label, place.group, place.count) : below(view, parent, rows);
    });
  };
}

function partAt({ group, start, count }: Place): SnapshotPart {
  return { ...(group !== null && { group }), start, count };
}

function below(view: ViewKind, parent: NodeData | null, { groups = [], total = 0, vmas = [], locks = [] }: SnapshotRows): NodeData[] {
  if (parent === null && total > PART) return partNodes(view, null, total);
  return [
    ...groups.map((group) => groupNode(group, KINDS[view], total)),
    ...vmas.map((vma) => vmaNode(vma, parent!)),
    ...locks.map((lock) => lockNode(lock, parent!)),
  ];
}
