// Which scenario a command means, its URI, and its text.

import { Uri, window, workspace, type TextDocument, type WorkspaceFolder } from "vscode";

export const SCENARIO_LANGUAGE = "vmscn";

/** The scenario that F5 means: the one being edited, else one that is visible, else the one last run. */
export function currentScenario(last: Uri | undefined): Uri | undefined {
  const editors = [window.activeTextEditor, ...window.visibleTextEditors];
  return editors.find((editor) => editor?.document.languageId === SCENARIO_LANGUAGE)?.document.uri ?? last;
}

/**
 * The URI of a launch configuration's `program`: a URI, or a path, relative ones to the folder. A path belongs to the
 * file system of the folder, which is not the host's where the extension runs in a browser.
 */
export function scenarioUri(program: string, folder: WorkspaceFolder | undefined): Uri {
  if (/^[A-Za-z][\w+.-]+:/.test(program)) return Uri.parse(program);
  const base = folder?.uri ?? workspace.workspaceFolders?.[0]?.uri;
  if (/^([\\/]|[A-Za-z]:)/.test(program))
    return base === undefined || base.scheme === "file" ? Uri.file(program) : base.with({ path: program });
  return base === undefined ? Uri.file(program) : Uri.joinPath(base, program);
}

/** The open document of `uri`. */
export function openDocument(uri: Uri): TextDocument | undefined {
  return workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
}

/** The text of a file: as the editor has it if it is open, else as it is stored. */
export async function readText(uri: Uri): Promise<string> {
  return openDocument(uri)?.getText() ?? new TextDecoder().decode(await workspace.fs.readFile(uri));
}

/** The last segment of a URI's path, for display. */
export function uriBaseName(uri: Uri): string {
  return uri.path.split("/").at(-1) || uri.path;
}
