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
import { Debounce } from "./debounce.ts";
import { publishVersions, ScenarioValidator } from "./diagnostics.ts";
import { OpenDocuments } from "./documents.ts";
import { ScenarioFolding } from "./folding.ts";
import { ScenarioHover } from "./hover.ts";
import { ScenarioLexer } from "./lexer.ts";
import { LimitSettings } from "./limits.ts";
import { answerRefusals } from "./message-guard.ts";
import { DocumentParser, ErrorBudget, PARSER_CONFIG } from "./parser.ts";
import { ClientConfiguration, ScenarioLanguageServer } from "./server-capabilities.ts";
import { ScenarioSignatureHelp } from "./signature-help.ts";
import { ScenarioSymbols } from "./document-symbols.ts";

function sharedModule(debounce: Debounce): Module<LangiumSharedServices, PartialLangiumSharedServices> {
  return {
    lsp: {
      DocumentUpdateHandler: (services) => new OpenDocuments(services, debounce),
      LanguageServer: (services) => new ScenarioLanguageServer(services),
      WorkspaceSymbolProvider: () => undefined,
    },
    workspace: { ConfigurationProvider: (services) => new ClientConfiguration(services) },
  };
}

/** The grammar has no cross-references, so no scopes are computed. */
const NO_SCOPES: ScopeComputation = {
  collectExportedSymbols: () => Promise.resolve([]),
  collectLocalSymbols: () => Promise.resolve(new MultiMap()),
};

function languageModule(validator: ScenarioValidator, debounce: Debounce): Module<LangiumServices, PartialLangiumServices> {
  const mistakes = new ErrorBudget();
  let lexer: ScenarioLexer | undefined;
  const lexerOf = (services: LangiumServices) => (lexer ??= new ScenarioLexer(services));
  return {
    parser: {
      Lexer: lexerOf,
      ParserConfig: () => PARSER_CONFIG,
      ParserErrorMessageProvider: () => mistakes,
      AsyncParser: (services) => new DocumentParser(services, lexerOf(services), mistakes, debounce),
    },
    references: { ScopeComputation: () => NO_SCOPES },
    validation: { DocumentValidator: () => validator },
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

export interface Services {
  readonly shared: LangiumSharedServices;
  readonly language: LangiumServices;
  readonly validator: ScenarioValidator;
}

/** The services, for a connection or, in tests, without one. */
export function createServices(connection?: Connection): Services {
  const debounce = new Debounce();
  const shared = inject(
    createDefaultSharedModule({ ...EmptyFileSystem, ...(connection === undefined ? {} : { connection }) }),
    VmscnGeneratedSharedModule,
    sharedModule(debounce),
  );
  const validator = new ScenarioValidator(new LimitSettings(shared), debounce);
  const language = inject(createDefaultModule({ shared }), VmscnGeneratedModule, languageModule(validator, debounce));
  shared.ServiceRegistry.register(language);
  return { shared, language, validator };
}

/** Serves `connection`, whose messages go through a MessageGuard, until it is closed. */
export function startServer(connection: Connection): void {
  const { shared, validator } = createServices(connection);
  answerRefusals(connection);
  publishVersions(connection, validator, (uri) => shared.workspace.TextDocuments.get(uri) !== undefined);
  // These use the tokens in front of the cursor and the symbols of the last tree, so they need not wait for a new tree.
  startLanguageServer(shared, {
    CompletionProvider: DocumentState.Changed,
    SignatureHelp: DocumentState.Changed,
  });
}
