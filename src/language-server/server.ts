// The language server, for any connection. main-node.ts and main-web.ts make connections.

import { DocumentState, EmptyFileSystem, inject, MultiMap, type Module, type ScopeComputation } from "langium";
import {
  createDefaultModule, createDefaultSharedModule, startLanguageServer, type LangiumServices, type LangiumSharedServices, type PartialLangiumServices,
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
import { DocumentParser, MistakeCounter, PARSER_CONFIG } from "./parser.ts";
import { ScenarioSignatureHelp } from "./signature.ts";
import { ScenarioSymbols } from "./symbols.ts";

const sharedModule: Module<LangiumSharedServices, PartialLangiumSharedServices> = {
  lsp: { DocumentUpdateHandler: (services) => new OpenDocuments(services), WorkspaceSymbolProvider: () => undefined },
};

/** The grammar has no cross-references, so the tables that would resolve them are not made. */
const NO_SCOPES: ScopeComputation = {
  collectExportedSymbols: () => Promise.resolve([]),
  collectLocalSymbols: () => Promise.resolve(new MultiMap()),
};

function languageModule(limits: LimitSettings): Module<LangiumServices, PartialLangiumServices> {
  const mistakes = new MistakeCounter();
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
      // Langium's go by cross-references.
      DefinitionProvider: () => undefined,
      DocumentHighlightProvider: () => undefined,
      ReferencesProvider: () => undefined,
      RenameProvider: () => undefined,
    },
  };
}

/** The services, for a connection or, in tests, without one. */
export function createServices(connection?: Connection): { readonly shared: LangiumSharedServices; readonly language: LangiumServices } {
  const shared = inject(createDefaultSharedModule({ ...EmptyFileSystem, ...(connection === undefined ? {} : { connection }) }), VmscnGeneratedSharedModule, sharedModule);
  const language = inject(createDefaultModule({ shared }), VmscnGeneratedModule, languageModule(new LimitSettings(shared)));
  shared.ServiceRegistry.register(language);
  return { shared, language };
}

/** Serves `connection` until it is closed. */
export function startServer(connection: Connection): void {
  // These go by the words in front of the cursor, and by the names of the last tree that there was: they need not wait.
  startLanguageServer(createServices(connection).shared, { CompletionProvider: DocumentState.Changed, SignatureHelp: DocumentState.Changed });
}
