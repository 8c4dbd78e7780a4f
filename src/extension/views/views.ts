// The views VMAs and Locks. They show the active session's last stop, page by page as it is looked at.

import { ConfigurationTarget, Range, Uri, commands, window, workspace, type DebugSession, type Disposable, type Memento } from "vscode";
import type { Snapshot } from "../../debug-adapter/protocol/protocol.ts";
import { showError } from "../debug/commands.ts";
import type { ActiveSession } from "../debug/sessions.ts";
import { loader, type ViewKind } from "./loader.ts";
import { DataTree, type Node } from "./tree.ts";

const GROUPING = "lockbreak.vmas.groupBy";
const REVEAL = "lockbreak.revealDeclaration";
/** What the workspace's memory knows: both views have been unfolded once. */
const UNFOLDED = "lockbreak.viewsUnfolded";

export function registerViews(active: ActiveSession, memory: Memento): Disposable[] {
  const vmas = new View("lockbreak.vmas", active, () => (workspace.getConfiguration().get(GROUPING) === "process" ? "processes" : "files"));
  const locks = new View("lockbreak.locks", active, () => "locks");
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
    commands.registerCommand(REVEAL, (node?: Node) => reveal(active.session, node)),
  ];
}

class View implements Disposable {
  private readonly tree = new DataTree(REVEAL);
  private readonly view;
  private readonly subscriptions: Disposable[];
  /** What is shown is not what it should be: the view was hidden when something changed. */
  private stale = false;

  constructor(id: string, private readonly active: ActiveSession, private readonly kind: () => ViewKind) {
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

  /** Shows the active session's state; what nobody can see is left for later. */
  refresh(): void {
    this.stale = !this.view.visible;
    if (this.stale) return;
    const session = this.active.stopped;
    void this.tree.show(session === undefined ? null : loader(this.kind(), async (args) => (await session.customRequest("lockbreak/snapshot", args)) as Snapshot));
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}

/**
 * VS Code folds up what extensions add to Run and Debug, and keeps that per workspace. At the first stop in a workspace both
 * views are unfolded; after that the user decides.
 */
function unfoldOnce(active: ActiveSession, memory: Memento): Disposable {
  return active.onDidMove(async () => {
    if (active.stopped === undefined || memory.get(UNFOLDED, false)) return;
    await memory.update(UNFOLDED, true);
    // Unfolding shows Run and Debug, too, which some never want by itself.
    if (workspace.getConfiguration("debug").get("openDebug") === "neverOpen") return;
    for (const id of ["lockbreak.vmas", "lockbreak.locks"]) await commands.executeCommand(`${id}.focus`, { preserveFocus: true });
  });
}

/** Shows the line of the scenario that declares what `node` stands for. */
async function reveal(session: DebugSession | undefined, node: Node | undefined): Promise<void> {
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
