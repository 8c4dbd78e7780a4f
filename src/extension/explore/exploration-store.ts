// The results of explorations, stored until the text of the scenario or the version of the extension changes.

import { EventEmitter, type Disposable, type Memento, type Uri } from "vscode";
import { saveExplorations, loadExplorations, type PersistedExploration } from "./persisted-explorations.ts";

export class ExplorationStore implements Disposable {
  /** By URI, the newest last. */
  private readonly explorations: Map<string, PersistedExploration>;
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;

  /** @param version of the extension */
  constructor(
    private readonly state: Memento,
    private readonly version: string,
  ) {
    this.explorations = loadExplorations(state, version);
  }

  /** The exploration of a scenario whose text is `text`. */
  get(uri: Uri, text: string): PersistedExploration | undefined {
    const exploration = this.explorations.get(uri.toString());
    return exploration?.text === text ? exploration : undefined;
  }

  set(uri: Uri, exploration: PersistedExploration): void {
    const key = uri.toString();
    this.explorations.delete(key);
    this.explorations.set(key, exploration);
    saveExplorations(this.state, this.version, this.explorations);
    this.changed.fire(uri);
  }

  dispose(): void {
    this.changed.dispose();
  }
}
