// Documents as text with markers, built by the services of the language server without a connection.

import { Cancellation, URI, type LangiumDocument } from "langium";
import type { LangiumServices } from "langium/lsp";
import type { CompletionItem, Diagnostic, DocumentSymbol, FoldingRange, Hover, Position, SignatureHelp } from "vscode-languageserver";
import { createServices } from "../../src/language-server/server.ts";

const { shared, language } = createServices();
let count = 0;

export const services: LangiumServices["lsp"] = language.lsp;

/** `@` marks the cursor. */
export interface Opened {
  readonly document: LangiumDocument;
  readonly cursor: Position;
}

export async function open(marked: string): Promise<Opened> {
  const offset = marked.indexOf("@");
  const text = marked.replace("@", "");
  const document = await shared.workspace.LangiumDocumentFactory.fromString(
    text,
    URI.parse(`memory:/${count++}.vmscn`),
    Cancellation.CancellationToken.None,
  );
  await shared.workspace.DocumentBuilder.build([document], { validation: true });
  return { document, cursor: document.textDocument.positionAt(Math.max(offset, 0)) };
}

const at = ({ document, cursor }: Opened) => ({ textDocument: { uri: document.uri.toString() }, position: cursor });

export async function complete(marked: string): Promise<readonly CompletionItem[]> {
  const opened = await open(marked);
  return (await services.CompletionProvider!.getCompletion(opened.document, at(opened)))?.items ?? [];
}

/** The labels proposed at the cursor, sorted. */
export async function labels(marked: string): Promise<string> {
  return (await complete(marked))
    .map((item) => item.label)
    .sort()
    .join(" ");
}

/** The Markdown shown at the cursor. */
export async function hover(marked: string): Promise<string | undefined> {
  const opened = await open(marked);
  const shown: Hover | undefined = await services.HoverProvider!.getHoverContent(opened.document, at(opened));
  return shown === undefined ? undefined : (shown.contents as { value: string }).value;
}

export async function signatureHelp(marked: string): Promise<SignatureHelp | undefined> {
  const opened = await open(marked);
  return services.SignatureHelp!.provideSignatureHelp(opened.document, at(opened));
}

export async function diagnose(text: string): Promise<{ readonly document: LangiumDocument; readonly diagnostics: readonly Diagnostic[] }> {
  const { document } = await open(text);
  return { document, diagnostics: document.diagnostics ?? [] };
}

export async function outline(text: string): Promise<DocumentSymbol[]> {
  const { document } = await open(text);
  return services.DocumentSymbolProvider!.getSymbols(document, { textDocument: { uri: document.uri.toString() } });
}

export async function folds(text: string): Promise<FoldingRange[]> {
  const { document } = await open(text);
  return services.FoldingRangeProvider!.getFoldingRanges(document, { textDocument: { uri: document.uri.toString() } });
}
