// Open Examples: copies of the scenarios that ship with the extension, in a folder of the user's choice, to run and to change.

import examples from "lockbreak:examples";
import { Uri, commands, window, workspace, type Disposable } from "vscode";
import { showError } from "../debug/commands.ts";

const FOLDER = "lockbreak-examples";
/** The example with which the tour begins. */
const FIRST = "truncate-lockbreak.vmscn";

export function registerExamples(): Disposable {
  return commands.registerCommand("lockbreak.openExamples", () => openExamples().catch(showError));
}

async function openExamples(): Promise<void> {
  const title = `Where to put the folder ${FOLDER}`;
  const [parent] =
    (await window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true, title, openLabel: "Put Examples Here" })) ?? [];
  if (parent === undefined) return;
  const folder = await copyExamples(parent);
  if (workspace.getWorkspaceFolder(folder) === undefined) await commands.executeCommand("vscode.openFolder", folder);
  else await window.showTextDocument(Uri.joinPath(folder, FIRST));
}

/** Copies the examples into a folder in `parent`, which it returns. Existing files are kept: the user may have edited them. */
export async function copyExamples(parent: Uri): Promise<Uri> {
  const folder = Uri.joinPath(parent, FOLDER);
  await workspace.fs.createDirectory(folder);
  for (const [name, text] of Object.entries(examples)) {
    const copy = Uri.joinPath(folder, name);
    if (!(await exists(copy))) await workspace.fs.writeFile(copy, new TextEncoder().encode(text));
  }
  return folder;
}

async function exists(file: Uri): Promise<boolean> {
  try {
    await workspace.fs.stat(file);
    return true;
  } catch {
    return false;
  }
}
