// Notices that a scenario was changed while sessions run it, and has their adapters say so.

import { Disposable, Uri, workspace, type DebugSession } from "vscode";
import type { RunningSessions } from "./sessions.ts";

/** After a scenario was written, in the editor or beside it, the sessions that run it are asked whether that is what they run. */
export function registerChanges(running: RunningSessions): Disposable {
  const written = (uri: Uri): void => {
    for (const session of running.all) if (Uri.parse(String(session.configuration["program"])).toString() === uri.toString()) void check(session);
  };
  const watcher = workspace.createFileSystemWatcher("**/*.vmscn", true, false, true);
  return Disposable.from(watcher, watcher.onDidChange(written), workspace.onDidSaveTextDocument(({ uri }) => written(uri)));
}

async function check(session: DebugSession): Promise<void> {
  try {
    await session.customRequest("lockbreak/checkProgram", {});
  } catch {
    // It has just ended, or could not be launched: it runs nothing.
  }
}
