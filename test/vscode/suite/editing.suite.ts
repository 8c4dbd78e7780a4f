// The editor's features for scenarios and kernel sources without a debug session.

import * as vscode from "vscode";
import { until } from "../../waiting.mjs";
import { equal, match, ok } from "./assert.ts";
import { openExample, openText } from "./workspace.ts";

describe("scenarios in the editor", () => {
  it("are known by their name, and activate the extension", async () => {
    const document = await openExample("truncate-lockbreak.vmscn");
    equal(document.languageId, "vmscn");
    const extension = vscode.extensions.getExtension("lockbreak.lockbreak");
    ok(extension, "the extension is not installed");
    await until("activation", () => extension.isActive);
  });

  it("have their mistakes underlined", async () => {
    const document = await openText(
      "kernel vmtrunc4\n\nfile data size 1M\n\nprocess p {\n  V = mmap(dat)\n}\n\ntask t in p on cpu 0 {\n  truncate(data, 0)\n}\n",
    );
    const [mistake] = await until("diagnostics", () => {
      const found = vscode.languages.getDiagnostics(document.uri);
      return found.length > 0 ? found : undefined;
    });
    equal(mistake!.range.start.line, 5);
    match(mistake!.message, /dat/);
  });

  it("have an outline, folding, hover and completion", async () => {
    const document = await openExample("truncate-lockbreak.vmscn");
    const symbols = await until("symbols", async () =>
      vscode.commands.executeCommand<vscode.DocumentSymbol[]>("vscode.executeDocumentSymbolProvider", document.uri),
    );
    const names = symbols.map(({ name }) => name).join(" ");
    for (const name of ["data", "viewer", "editor", "shrink", "reader"]) ok(names.includes(name), `no ${name} in the outline: ${names}`);
    const folds = await vscode.commands.executeCommand<vscode.FoldingRange[]>("vscode.executeFoldingRangeProvider", document.uri);
    ok(folds.length >= 5, `${folds.length} folding ranges`);
    const mmap = document.positionAt(document.getText().indexOf("mmap(data)") + 1);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", document.uri, mmap);
    ok(hovers.length > 0, "no hover on mmap");
    const within = document.positionAt(document.getText().indexOf("truncate(data, 64K)"));
    const list = await vscode.commands.executeCommand<vscode.CompletionList>("vscode.executeCompletionItemProvider", document.uri, within);
    ok(list.items.length > 0, "no completion in a task");
  });
});

describe("kernel sources", () => {
  const memory = vscode.Uri.parse("lockbreak-kernel:/common/memory_zap.ts");

  it("are files that can be read, not written, of a language of their own", async () => {
    const document = await vscode.workspace.openTextDocument(memory);
    equal(document.languageId, "lockbreak-kernel");
    ok(document.getText().includes("function* zap_page_range"), "this is not memory_zap.ts");
    equal(vscode.workspace.fs.isWritableFileSystem("lockbreak-kernel"), false);
    const root = await vscode.workspace.fs.readDirectory(memory.with({ path: "/" }));
    equal(root.map(([name]) => name).sort(), ["2.6.11", "2.6.38", "2.6.9", "3.0", "common", "vmtrunc4", "vmtrunc5"]);
    const own = await vscode.workspace.openTextDocument(memory.with({ path: "/vmtrunc4/memory.ts" }));
    ok(own.getText().includes("function* unmap_mapping_range_vma"), "this is not the kernel's own memory.ts");
  });

  it("that are not there are not found", async () => {
    for (const path of ["/common/nothing.ts", "/common/../../package.json"]) {
      const error = await vscode.workspace.fs.stat(memory.with({ path })).then(
        () => undefined,
        (failure: unknown) => failure,
      );
      ok(error instanceof vscode.FileSystemError, `${path} is there`);
    }
  });
});
