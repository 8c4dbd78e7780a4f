// The documents of the server: those that are open in the editor, and no others.

import { URI, type ServiceRegistry, type TextDocument } from "langium";
import { DefaultDocumentUpdateHandler, type LangiumSharedServices } from "langium/lsp";
import type { FileSystemWatcher, TextDocumentChangeEvent } from "vscode-languageserver";
import type { Debounce } from "./debounce.ts";

export class OpenDocuments extends DefaultDocumentUpdateHandler {
  private readonly registry: ServiceRegistry;

  constructor(
    services: LangiumSharedServices,
    private readonly debounce: Debounce,
  ) {
    super(services);
    this.registry = services.ServiceRegistry;
  }

  /** No file watchers: a scenario refers to no other file. */
  protected override getWatchers(): FileSystemWatcher[] {
    return [];
  }

  didOpenDocument({ document }: TextDocumentChangeEvent<TextDocument>): void {
    this.debounce.noteOpened(document.getText());
  }

  override didChangeContent(change: TextDocumentChangeEvent<TextDocument>): void {
    // An editor may send documents of other languages.
    if (this.registry.hasServices(URI.parse(change.document.uri))) super.didChangeContent(change);
  }

  didCloseDocument({ document }: TextDocumentChangeEvent<TextDocument>): void {
    this.fireDocumentUpdate([], [URI.parse(document.uri)]);
  }
}
