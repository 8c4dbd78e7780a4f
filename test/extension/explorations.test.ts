// What a workspace remembers of explorations.

import assert from "node:assert/strict";
import { remember, remembered, type Exploration } from "../../src/extension/explore/kept.ts";

/** A workspace's memory, which goes through JSON as that of VS Code does. */
class Workspace {
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

describe("explorations that a workspace remembers", () => {
  const exploration = (text: string): Exploration => ({ text, results: [] });
  const many = new Map(Array.from({ length: 25 }, (_, number) => [`file:///${number}.vmscn`, exploration(`scenario ${number}`)]));

  it("are the newest ones, in order", () => {
    const workspace = new Workspace();
    assert.equal(remembered(workspace, "1.0.0").size, 0);
    remember(workspace, "1.0.0", many);
    assert.deepEqual([...remembered(workspace, "1.0.0")], [...many].slice(5));
  });

  it("are only those that this version of the extension has found", () => {
    const workspace = new Workspace();
    remember(workspace, "1.0.0", many);
    assert.equal(remembered(workspace, "1.0.1").size, 0);
    const found = new Map([["file:///0.vmscn", exploration("scenario 0")]]);
    remember(workspace, "1.0.1", found);
    assert.deepEqual(remembered(workspace, "1.0.1"), found);
    assert.equal(remembered(workspace, "1.0.0").size, 0);
  });
});
