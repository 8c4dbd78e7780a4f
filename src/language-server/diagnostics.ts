// Diagnostics: those of parseScenario, so that editor and command line agree. Langium's own validation is not used.

import { Cancellation, type DocumentValidator, type LangiumDocument, type ValidationOptions } from "langium";
import { DiagnosticSeverity, type CancellationToken, type Diagnostic, type Range } from "vscode-languageserver";
import { parseScenario, type Severity } from "../scenario/index.ts";
import type * as program from "../scenario/program/program.ts";
import type { LimitSettings } from "./limits.ts";
import { debounce } from "./debounce.ts";

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
};

export class ScenarioValidator implements DocumentValidator {
  constructor(private readonly limits: LimitSettings) {}

  async validateDocument(
    document: LangiumDocument,
    _options?: ValidationOptions,
    token: CancellationToken = Cancellation.CancellationToken.None,
  ): Promise<Diagnostic[]> {
    const text = document.textDocument.getText();
    await debounce(text, token);
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

/** Lines and columns of the protocol count from 0. */
function toRange({ line, column, endLine, endColumn }: program.Range): Range {
  return { start: { line: line - 1, character: column - 1 }, end: { line: endLine - 1, character: endColumn - 1 } };
}
