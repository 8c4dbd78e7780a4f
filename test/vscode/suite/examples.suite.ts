// The examples that the extension ships.

import * as vscode from "vscode";
import { copyExamples } from "../../../src/extension/examples/examples.ts";
import { equal, ok } from "./assert.ts";
import { exampleUri } from "./workspace.ts";

describe("Open Examples", () => {
  it("copies them all, and overwrites nothing", async () => {
    const parent = exampleUri("copies");
    const folder = await copyExamples(parent);
    const text = async (uri: vscode.Uri): Promise<string> => new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    const scenarios = async (uri: vscode.Uri): Promise<string[]> =>
      (await vscode.workspace.fs.readDirectory(uri))
        .map(([name]) => name)
        .filter((name) => name.endsWith(".vmscn"))
        .sort();
    const names = [
      ...(await scenarios(folder)),
      ...(await scenarios(vscode.Uri.joinPath(folder, "textbook"))).map((name) => `textbook/${name}`),
    ];
    equal(names, [...(await scenarios(exampleUri("."))), ...(await scenarios(exampleUri("textbook"))).map((name) => `textbook/${name}`)]);
    ok(names.at(-1)!.startsWith("textbook/"), "those in folders, too");
    for (const name of names) equal(await text(vscode.Uri.joinPath(folder, name)), await text(exampleUri(name)), name);

    const mine = [names[0]!, names.at(-1)!].map((name) => vscode.Uri.joinPath(folder, name));
    for (const uri of mine) await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode("kernel 2.6.9\n"));
    const deleted = vscode.Uri.joinPath(folder, names[1]!);
    await vscode.workspace.fs.delete(deleted);
    await copyExamples(parent);
    for (const uri of mine) equal(await text(uri), "kernel 2.6.9\n");
    equal(await text(deleted), await text(exampleUri(names[1]!)));
    await vscode.workspace.fs.delete(parent, { recursive: true });
  });
});
