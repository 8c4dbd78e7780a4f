// Opens scenarios of the tests' workspace.

import * as vscode from "vscode";

export function exampleUri(name: string): vscode.Uri {
  return vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, name);
}

export async function openExample(name: string): Promise<vscode.TextDocument> {
  const { document } = await vscode.window.showTextDocument(exampleUri(name), { preview: false });
  return document;
}

/** Opens an untitled scenario. */
export async function openText(content: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument({ language: "vmscn", content });
  await vscode.window.showTextDocument(document, { preview: false });
  return document;
}
