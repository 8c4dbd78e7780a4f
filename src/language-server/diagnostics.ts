// Diagnostics: those of parseScenario, so that editor and command line agree. Langium's own validation is not used.

import { Cancellation, type DocumentValidator, type LangiumDocument, type ValidationOptions } from "langium";
import { DiagnosticSeverity, type CancellationToken, type Connection, type Diagnostic, type Range } from "vscode-languageserver";
import { parseScenario, type Severity } from "../scenario/index.ts";
import type * as program from "../scenario/program/program.ts";
import type { LimitSettings } from "./limits.ts";
import type { Debounce } from "./debounce.ts";

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
};

export class ScenarioValidator implements DocumentValidator {
  /** The version of each document that was checked last. */
  readonly checkedVersions = new Map<string, number>();

  constructor(
    private readonly limits: LimitSettings,
    private readonly debounce: Debounce,
  ) {}

  async validateDocument(
    document: LangiumDocument,
    _options?: ValidationOptions,
    token: CancellationToken = Cancellation.CancellationToken.None,
  ): Promise<Diagnostic[]> {
    const text = document.textDocument.getText();
    await this.debounce.wait(text, token);
    this.checkedVersions.set(document.uri.toString(), document.textDocument.version);
    const { diagnostics } = parseScenario(text, document.uri.toString(), { memory: this.limits.memory });
    return diagnostics.map(({ code, severity, message, range, fix }) => ({
      range: toRange(range),
      severity: SEVERITIES[severity],
      code,
      source: "lockbreak",
      message,
      // For code-actions.ts: clients send it back.
      ...(fix === undefined ? {} : { data: fix }),
    }));
  }
}

/** Publishes each document's diagnostics with the version that they are about. A document that was closed has none. */
export function publishVersions(connection: Connection, { checkedVersions }: ScenarioValidator, isOpen: (uri: string) => boolean): void {
  const publish = connection.sendDiagnostics;
  connection.sendDiagnostics = (params) => {
    const version = checkedVersions.get(params.uri);
    if (!isOpen(params.uri)) checkedVersions.delete(params.uri);
    return publish(isOpen(params.uri) && version !== undefined ? { ...params, version } : params);
  };
}

/** Lines and columns of the protocol count from 0. */
function toRange({ line, column, endLine, endColumn }: program.Range): Range {
  return { start: { line: line - 1, character: column - 1 }, end: { line: endLine - 1, character: endColumn - 1 } };
}
