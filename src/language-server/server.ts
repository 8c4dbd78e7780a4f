// The language server, for any connection. main-node.ts and main-web.ts create the connections.

import { DocumentState, EmptyFileSystem, inject, MultiMap, type Module, type ScopeComputation } from "langium";
import {
  createDefaultModule,
  createDefaultSharedModule,
  startLanguageServer,
  type LangiumServices,
  type LangiumSharedServices,
  type PartialLangiumServices,
  type PartialLangiumSharedServices,
} from "langium/lsp";
import type { Connection } from "vscode-languageserver";
import { VmscnGeneratedModule, VmscnGeneratedSharedModule } from "../scenario/generated/module.ts";
import { ScenarioCodeActions } from "./code-actions.ts";
import { ScenarioCompletion } from "./completion.ts";
import { ScenarioValidator } from "./diagnostics.ts";
import { OpenDocuments } from "./documents.ts";
import { ScenarioFolding } from "./folding.ts";
import { ScenarioHover } from "./hover.ts";
import { ScenarioLexer } from "./lexer.ts";
import { LimitSettings } from "./limits.ts";
import { DocumentParser, ErrorBudget, PARSER_CONFIG } from "./parser.ts";
import { ScenarioSignatureHelp } from "./signature-help.ts";
import { ScenarioSymbols } from "./document-symbols.ts";

const sharedModule: Module<LangiumSharedServices, PartialLangiumSharedServices> = {
  lsp: { DocumentUpdateHandler: (services) => new OpenDocuments(services), WorkspaceSymbolProvider: () => undefined },
};

/** The grammar has no cross-references, so no scopes are computed. */
const NO_SCOPES: ScopeComputation = {
  collectExportedSymbols: () => Promise.resolve([]),
  collectLocalSymbols: () => Promise.resolve(new MultiMap()),
};

function languageModule(limits: LimitSettings): Module<LangiumServices, PartialLangiumServices> {
  const mistakes = new ErrorBudget();
  let lexer: ScenarioLexer | undefined;
  const lexerOf = (services: LangiumServices) => (lexer ??= new ScenarioLexer(services));
  return {
    parser: {
      Lexer: lexerOf,
      ParserConfig: () => PARSER_CONFIG,
      ParserErrorMessageProvider: () => mistakes,
      AsyncParser: (services) => new DocumentParser(services, lexerOf(services), mistakes),
    },
    references: { ScopeComputation: () => NO_SCOPES },
    validation: { DocumentValidator: () => new ScenarioValidator(limits) },
    lsp: {
      CodeActionProvider: () => new ScenarioCodeActions(),
      CompletionProvider: (services) => new ScenarioCompletion(services),
      DocumentSymbolProvider: () => new ScenarioSymbols(),
      FoldingRangeProvider: (services) => new ScenarioFolding(services),
      HoverProvider: () => new ScenarioHover(),
      SignatureHelp: () => new ScenarioSignatureHelp(),
      // Langium's providers need cross-references.
      DefinitionProvider: () => undefined,
      DocumentHighlightProvider: () => undefined,
      ReferencesProvider: () => undefined,
      RenameProvider: () => undefined,
    },
  };
}

/** The services, for a connection or, in tests, without one. */
export function createServices(connection?: Connection): { readonly shared: LangiumSharedServices; readonly language: LangiumServices } {
  const shared = inject(
    createDefaultSharedModule({ ...EmptyFileSystem, ...(connection === undefined ? {} : { connection }) }),
    VmscnGeneratedSharedModule,
    sharedModule,
  );
  const language = inject(createDefaultModule({ shared }), VmscnGeneratedModule, languageModule(new LimitSettings(shared)));
  shared.ServiceRegistry.register(language);
  return { shared, language };
}

/** Serves `connection` until it is closed. */
export function startServer(connection: Connection): void {
  // These use the tokens in front of the cursor and the symbols of the last tree, so they need not wait for a new tree.
  startLanguageServer(createServices(connection).shared, {
    CompletionProvider: DocumentState.Changed,
    SignatureHelp: DocumentState.Changed,
  });
}
