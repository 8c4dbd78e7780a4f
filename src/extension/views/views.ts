// The views VMAs and Locks. They show the last stop of the active session, and load it in parts as the user expands them.

import { ConfigurationTarget, Range, Uri, commands, window, workspace, type DebugSession, type Disposable, type Memento } from "vscode";
import type { SessionSnapshot } from "../../debug-adapter/protocol/protocol.ts";
import { showError } from "../debug/commands.ts";
import type { ActiveSession } from "../debug/sessions.ts";
import { treeLoader, type ViewKind } from "./tree-loader.ts";
import { DataTree, type TreeNode } from "./tree.ts";

const GROUPING = "lockbreak.vmas.groupBy";
const REVEAL = "lockbreak.revealDeclaration";
/** Key of the workspace state: both views have been expanded once. */
const UNFOLDED_KEY = "lockbreak.viewsUnfolded";

export function registerViews(active: ActiveSession, memory: Memento): Disposable[] {
  const vmas = new SnapshotView("lockbreak.vmas", active, () =>
    workspace.getConfiguration().get(GROUPING) === "process" ? "processes" : "files",
  );
  const locks = new SnapshotView("lockbreak.locks", active, () => "locks");
  const group = (by: string): Thenable<void> => workspace.getConfiguration().update(GROUPING, by, ConfigurationTarget.Global);
  return [
    vmas,
    locks,
    unfoldOnce(active, memory),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(GROUPING)) vmas.refresh();
    }),
    commands.registerCommand("lockbreak.groupVmasByFile", () => group("file")),
    commands.registerCommand("lockbreak.groupVmasByProcess", () => group("process")),
    commands.registerCommand(REVEAL, (node?: TreeNode) => reveal(active.session, node)),
  ];
}

class SnapshotView implements Disposable {
  private readonly tree = new DataTree(REVEAL);
  private readonly view;
  private readonly subscriptions: Disposable[];
  /** The view was hidden when the session moved: what it shows is outdated. */
  private stale = false;

  constructor(
    id: string,
    private readonly active: ActiveSession,
    private readonly kind: () => ViewKind,
  ) {
    this.view = window.createTreeView(id, { treeDataProvider: this.tree, showCollapseAll: true });
    this.subscriptions = [
      this.view,
      this.tree,
      active.onDidMove(() => this.refresh()),
      this.view.onDidChangeVisibility(() => {
        if (this.stale) this.refresh();
      }),
    ];
  }

  /** Shows the active session's state; a hidden view loads it when it becomes visible. */
  refresh(): void {
    this.stale = !this.view.visible;
    if (this.stale) return;
    const session = this.active.stopped;
    void this.tree.show(
      session === undefined
        ? null
        : treeLoader(this.kind(), async (args) => (await session.customRequest("lockbreak/snapshot", args)) as SessionSnapshot),
    );
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}

/**
 * VS Code collapses the views that extensions add to Run and Debug, and stores that per workspace. At the first stop in a workspace
 * both views are expanded; after that the user decides.
 */
function unfoldOnce(active: ActiveSession, memory: Memento): Disposable {
  return active.onDidMove(async () => {
    if (active.stopped === undefined || memory.get(UNFOLDED_KEY, false)) return;
    await memory.update(UNFOLDED_KEY, true);
    // Expanding a view also opens Run and Debug, which this setting forbids.
    if (workspace.getConfiguration("debug").get("openDebug") === "neverOpen") return;
    for (const id of ["lockbreak.vmas", "lockbreak.locks"]) await commands.executeCommand(`${id}.focus`, { preserveFocus: true });
  });
}

/** Shows the line of the scenario that declares what `node` stands for. */
async function reveal(session: DebugSession | undefined, node: TreeNode | undefined): Promise<void> {
  if (session === undefined || node === undefined || node.data.line === null) return;
  const { program } = session.configuration;
  if (typeof program !== "string") return;
  const line = node.data.line - 1;
  try {
    await window.showTextDocument(Uri.parse(program), { selection: new Range(line, 0, line, 0), preserveFocus: true, preview: true });
  } catch (error) {
    showError(error); // The scenario may have been deleted since.
  }
}
