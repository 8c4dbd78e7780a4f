// What explorations of scenarios came to, kept until the scenario is another one, or the extension is.

import { EventEmitter, type Disposable, type Memento, type Uri } from "vscode";
import { remember, remembered, type Exploration } from "./kept.ts";

export class Explorations implements Disposable {
  /** By address, the newest last. */
  private readonly known: Map<string, Exploration>;
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;

  /** @param version of the extension */
  constructor(
    private readonly state: Memento,
    private readonly version: string,
  ) {
    this.known = remembered(state, version);
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
    remember(this.state, this.version, this.known);
    this.changed.fire(uri);
  }

  dispose(): void {
    this.changed.dispose();
  }
}
