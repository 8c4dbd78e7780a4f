// Signature help: the form of the call whose arguments the user is writing.

import type { LangiumDocument } from "langium";
import type { SignatureHelpProvider } from "langium/lsp";
import type { SignatureHelp, SignatureHelpParams } from "vscode-languageserver";
import { callsByName, functionsByName, formatSignature, type Parameter } from "../scenario/catalogue/index.ts";
import { parameterMarkdown } from "./markdown.ts";
import { innermostBracket, cursorContextAt, type EnclosingCall } from "./cursor-context.ts";
import type { Token } from "../scenario/syntax/scanner.ts";

export class ScenarioSignatureHelp implements SignatureHelpProvider {
  readonly signatureHelpOptions = { triggerCharacters: ["(", ","] };

  provideSignatureHelp(document: LangiumDocument, { position }: SignatureHelpParams): SignatureHelp | undefined {
    const text = document.textDocument.getText();
    const context = cursorContextAt(text, document.textDocument.offsetAt(position));
    const call = context === undefined ? undefined : innermostCall(context.statement);
    const entry = call === undefined ? undefined : (callsByName.get(call.name) ?? functionsByName.get(call.name));
    if (call === undefined || entry === undefined) return undefined;
    const active = activeParameter(call, entry.parameters);
    const parameters = entry.parameters.map((parameter) => ({ label: parameter.name, documentation: parameterMarkdown(parameter) }));
    return {
      signatures: [{ label: formatSignature(entry), documentation: entry.doc, parameters }],
      activeSignature: 0,
      activeParameter: active < 0 ? parameters.length : active,
    };
  }
}

/** The innermost unclosed call, past unclosed brackets of other kinds. */
function innermostCall(statement: readonly Token[]): EnclosingCall | undefined {
  let rest = statement;
  for (;;) {
    const bracket = innermostBracket(rest);
    if (bracket === undefined || bracket.call !== undefined) return bracket?.call;
    rest = rest.slice(0, rest.indexOf(bracket.opener));
  }
}

function activeParameter({ argumentName, index, namedArguments }: EnclosingCall, parameters: readonly Parameter[]): number {
  if (argumentName !== null) return parameters.findIndex((parameter) => parameter.name === argumentName);
  return namedArguments.length === 0 ? index : -1;
}
