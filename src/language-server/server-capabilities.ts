// What the server says of itself in `initialize`, and what it asks of the client behind it.

import { DefaultLanguageServer } from "langium/lsp";
import { DefaultConfigurationProvider, type ConfigurationInitializedParams } from "langium";
import type { InitializeParams, InitializeResult } from "vscode-languageserver";

declare const __VERSION__: string;

export class ScenarioLanguageServer extends DefaultLanguageServer {
  protected override buildInitializeResult(params: InitializeParams): InitializeResult {
    return { ...super.buildInitializeResult(params), serverInfo: { name: "Lockbreak", version: __VERSION__ } };
  }
}

/** Registers for changes of the configuration only with clients that let servers register. */
export class ClientConfiguration extends DefaultConfigurationProvider {
  private canRegister = false;

  override initialize(params: InitializeParams): void {
    super.initialize(params);
    this.canRegister = params.capabilities.workspace?.didChangeConfiguration?.dynamicRegistration ?? false;
  }

  override initialized({ register, ...params }: ConfigurationInitializedParams): Promise<void> {
    return super.initialized(this.canRegister && register !== undefined ? { ...params, register } : params);
  }
}
