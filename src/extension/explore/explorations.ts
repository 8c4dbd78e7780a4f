// What explorations of scenarios came to, kept until the scenario is another one.

import { EventEmitter, type Disposable, type Memento, type Uri } from "vscode";
import type { ExploreResult } from "../../debug-adapter/explore_messages.ts";

/** What an exploration of a text came to. */
export interface Exploration {
  readonly text: string;
  readonly results: readonly ExploreResult[];
}

const STATE = "lockbreak.explorations";
/** So many are remembered when the window is closed. */
const MAX_KEPT = 20;

export class Explorations implements Disposable {
  /** By address, the newest last. */
  private readonly known: Map<string, Exploration>;
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly state: Memento) {
    this.known = new Map(Object.entries(state.get<Record<string, Exploration>>(STATE, {})));
  }

  /** What is known of a scenario that says `text`. */
  of(uri: Uri, text: string): Exploration | undefined {
    const exploration = this.known.get(uri.toString());
    return exploration?.text === text ? exploration : undefined;
  }

  keep(uri: Uri, exploration: Exploration): void {
    const key = uri.toString();
    this.known.delete(key);
    this.known.set(key, exploration);
    void this.state.update(STATE, Object.fromEntries([...this.known].slice(-MAX_KEPT)));
    this.changed.fire(uri);
  }

  dispose(): void {
    this.changed.dispose();
  }
}
