// The examples that the extension ships.

import * as vscode from "vscode";
import { copyExamples } from "../../../src/extension/examples.ts";
import { equal } from "./assert.ts";
import { exampleUri } from "./workspace.ts";

describe("Open Examples", () => {
  it("copies them all, and overwrites nothing", async () => {
    const parent = exampleUri("copies");
    const folder = await copyExamples(parent);
    const text = async (uri: vscode.Uri): Promise<string> => new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    const names = (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name).sort();
    const originals = (await vscode.workspace.fs.readDirectory(exampleUri("."))).map(([name]) => name).filter((name) => name.endsWith(".vmscn"));
    equal(names, originals.sort());
    for (const name of names) equal(await text(vscode.Uri.joinPath(folder, name)), await text(exampleUri(name)), name);

    const mine = vscode.Uri.joinPath(folder, names[0]!);
    await vscode.workspace.fs.writeFile(mine, new TextEncoder().encode("kernel 2.6.9\n"));
    await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder, names[1]!));
    await copyExamples(parent);
    equal(await text(mine), "kernel 2.6.9\n");
    equal((await vscode.workspace.fs.readDirectory(folder)).length, names.length);
    await vscode.workspace.fs.delete(parent, { recursive: true });
  });
});
