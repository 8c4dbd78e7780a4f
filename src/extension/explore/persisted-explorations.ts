// The results of explorations as the workspace state persists them when the window is closed. Only results of this version of the
// extension are loaded: another version may have other results.

import type { Memento } from "vscode";
import type { ExploreResult } from "../../debug-adapter/protocol/explore-messages.ts";

/** The results of exploring one text of a scenario. */
export interface PersistedExploration {
  readonly text: string;
  readonly results: readonly ExploreResult[];
}

interface PersistedState {
  /** The version of the extension that made the results. */
  readonly version: string;
  /** By URI, the newest last. */
  readonly explorations: Readonly<Record<string, PersistedExploration>>;
}

const STATE_KEY = "lockbreak.explorations";
/** So many are persisted. */
const MAX_PERSISTED = 20;

/** The results that `version` of the extension has persisted, by URI, the newest last; none if another version wrote the state last. */
export function loadExplorations(state: Pick<Memento, "get">, version: string): Map<string, PersistedExploration> {
  const persisted = state.get<PersistedState>(STATE_KEY);
  return new Map(persisted?.version === version ? Object.entries(persisted.explorations) : []);
}

/** Persists the results of `version`: the newest ones, which come last. They replace those of another version. */
export function saveExplorations(state: Pick<Memento, "update">, version: string, found: ReadonlyMap<string, PersistedExploration>): void {
  void state.update(STATE_KEY, { version, explorations: Object.fromEntries([...found].slice(-MAX_PERSISTED)) } satisfies PersistedState);
}
