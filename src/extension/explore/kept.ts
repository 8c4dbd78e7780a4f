// What explorations came to, as the workspace remembers it when the window is closed. Only what this version of the extension has
// found counts: another one may come to something else.

import type { Memento } from "vscode";
import type { ExploreResult } from "../../debug-adapter/protocol/explore-messages.ts";

/** What an exploration of a text came to. */
export interface Exploration {
  readonly text: string;
  readonly results: readonly ExploreResult[];
}

interface Kept {
  /** The version of the extension that has found it. */
  readonly version: string;
  /** By address, the newest last. */
  readonly found: Readonly<Record<string, Exploration>>;
}

const STATE = "lockbreak.explored";
/** So many are remembered. */
const MAX_KEPT = 20;

/** What `version` of the extension has found, by address, the newest last; nothing if another one was here since. */
export function remembered(state: Pick<Memento, "get">, version: string): Map<string, Exploration> {
  const kept = state.get<Kept>(STATE);
  return new Map(kept?.version === version ? Object.entries(kept.found) : []);
}

/** Remembers what `version` has found: the newest ones, which come last. What another version has left is gone then. */
export function remember(state: Pick<Memento, "update">, version: string, found: ReadonlyMap<string, Exploration>): void {
  void state.update(STATE, { version, found: Object.fromEntries([...found].slice(-MAX_KEPT)) } satisfies Kept);
}
