// What a run of the tests works on: copies, so that neither a build in between nor what tests do to files does harm.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { root, stageExtension } from "../../tools/stage.mjs";

/** A folder that vanishes with `remove`. */
export function workFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), "lockbreak-test-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** A copy of the examples to work in. */
export function stageWorkspace(folder) {
  cpSync(path.join(root, "examples"), folder, { recursive: true });
  return folder;
}

/** The extension with the tests inside: they run in the host of the extension that they lie in. */
export function stageWithTests(folder, options) {
  stageExtension(folder, options);
  cpSync(path.join(root, "out/vscode/suite.js"), path.join(folder, "tests/suite.js"));
  return folder;
}
