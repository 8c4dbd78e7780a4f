// The explorations that the workspace state persists.

import assert from "node:assert/strict";
import { saveExplorations, loadExplorations, type PersistedExploration } from "../../src/extension/explore/persisted-explorations.ts";

/** A workspace state that goes through JSON, as that of VS Code does. */
class WorkspaceState {
  private readonly values = new Map<string, string>();

  get<T>(key: string, absent?: T): T {
    const text = this.values.get(key);
    return text === undefined ? absent! : (JSON.parse(text) as T);
  }

  update(key: string, value: unknown): Promise<void> {
    this.values.set(key, JSON.stringify(value));
    return Promise.resolve();
  }
}

describe("persisted explorations", () => {
  const exploration = (text: string): PersistedExploration => ({ text, results: [] });
  const many = new Map(Array.from({ length: 25 }, (_, number) => [`file:///${number}.vmscn`, exploration(`scenario ${number}`)]));

  it("are the newest ones, in order", () => {
    const workspace = new WorkspaceState();
    assert.equal(loadExplorations(workspace, "1.0.0").size, 0);
    saveExplorations(workspace, "1.0.0", many);
    assert.deepEqual([...loadExplorations(workspace, "1.0.0")], [...many].slice(5));
  });

  it("are only those of this version of the extension", () => {
    const workspace = new WorkspaceState();
    saveExplorations(workspace, "1.0.0", many);
    assert.equal(loadExplorations(workspace, "1.0.1").size, 0);
    const found = new Map([["file:///0.vmscn", exploration("scenario 0")]]);
    saveExplorations(workspace, "1.0.1", found);
    assert.deepEqual(loadExplorations(workspace, "1.0.1"), found);
    assert.equal(loadExplorations(workspace, "1.0.0").size, 0);
  });
});
