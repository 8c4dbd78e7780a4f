// The examples that the extension ships.

import * as vscode from "vscode";
import { copyExamples } from "../../../src/extension/examples.ts";
import { equal } from "./assert.ts";
import { exampleUri } from "./workspace.ts";

/** The files of a folder and of those in it, by their paths below it. */
async function files(folder: vscode.Uri, below = ""): Promise<string[]> {
  const entries = await vscode.workspace.fs.readDirectory(folder);
  const found = entries.map(async ([name, type]) => (type === vscode.FileType.Directory ? files(vscode.Uri.joinPath(folder, name), `${below}${name}/`) : [`${below}${name}`]));
  return (await Promise.all(found)).flat().sort();
}

describe("Open Examples", () => {
  it("copies them all, and overwrites nothing", async () => {
    const originals = (await files(exampleUri("."))).filter((name) => name.endsWith(".vmscn"));
    const parent = exampleUri("copies");
    const folder = await copyExamples(parent);
    const text = async (uri: vscode.Uri): Promise<string> => new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    const names = await files(folder);
    equal(names, originals);
    for (const name of names) equal(await text(vscode.Uri.joinPath(folder, name)), await text(exampleUri(name)), name);

    const mine = [names[0]!, names.find((name) => name.includes("/"))!].map((name) => vscode.Uri.joinPath(folder, name));
    for (const file of mine) await vscode.workspace.fs.writeFile(file, new TextEncoder().encode("kernel 2.6.9\n"));
    await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder, names[1]!));
    await copyExamples(parent);
    for (const file of mine) equal(await text(file), "kernel 2.6.9\n");
    equal(await files(folder), names);
    await vscode.workspace.fs.delete(parent, { recursive: true });
  });
});
