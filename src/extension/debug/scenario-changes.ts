// Detects that a scenario was changed while sessions run it, and has their debug adapters report it.

import { Disposable, Uri, workspace, type DebugSession } from "vscode";
import type { RunningSessions } from "./sessions.ts";

/** When a scenario file was written, by the editor or another program, the sessions that run it compare it with what they run. */
export function registerScenarioChanges(running: RunningSessions): Disposable {
  const written = (uri: Uri): void => {
    for (const session of running.all)
      if (Uri.parse(String(session.configuration["program"])).toString() === uri.toString()) void checkProgram(session);
  };
  const watcher = workspace.createFileSystemWatcher("**/*.vmscn", true, false, true);
  return Disposable.from(
    watcher,
    watcher.onDidChange(written),
    workspace.onDidSaveTextDocument(({ uri }) => written(uri)),
  );
}

async function checkProgram(session: DebugSession): Promise<void> {
  try {
    await session.customRequest("lockbreak/checkProgram", {});
  } catch {
    // The session has just ended, or could not be launched: it runs nothing.
  }
}
