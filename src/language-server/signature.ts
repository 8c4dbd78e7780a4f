// Signature help: how the call is written whose arguments are being given.

import type { LangiumDocument } from "langium";
import type { SignatureHelpProvider } from "langium/lsp";
import type { SignatureHelp, SignatureHelpParams } from "vscode-languageserver";
import { calls, functions, signature, type Parameter } from "../scenario/catalogue/index.ts";
import { describeParameter } from "./describe.ts";
import { openBracket, siteAt, type OpenCall } from "./site.ts";
import type { Token } from "../scenario/syntax/scan.ts";

export class ScenarioSignatureHelp implements SignatureHelpProvider {
  readonly signatureHelpOptions = { triggerCharacters: ["(", ","] };

  provideSignatureHelp(document: LangiumDocument, { position }: SignatureHelpParams): SignatureHelp | undefined {
    const text = document.textDocument.getText();
    const site = siteAt(text, document.textDocument.offsetAt(position));
    const call = site === undefined ? undefined : callAround(site.statement);
    const entry = call === undefined ? undefined : (calls.get(call.name) ?? functions.get(call.name));
    if (call === undefined || entry === undefined) return undefined;
    const active = activeParameter(call, entry.parameters);
    const parameters = entry.parameters.map((parameter) => ({ label: parameter.name, documentation: describeParameter(parameter) }));
    return {
      signatures: [{ label: signature(entry), documentation: entry.doc, parameters }],
      activeSignature: 0,
      activeParameter: active < 0 ? parameters.length : active,
    };
  }
}

/** The innermost call that is open at the end, whatever other brackets are open in it. */
function callAround(statement: readonly Token[]): OpenCall | undefined {
  let rest = statement;
  for (;;) {
    const bracket = openBracket(rest);
    if (bracket === undefined || bracket.call !== undefined) return bracket?.call;
    rest = rest.slice(0, rest.indexOf(bracket.opener));
  }
}

function activeParameter({ named, index, given }: OpenCall, parameters: readonly Parameter[]): number {
  if (named !== null) return parameters.findIndex((parameter) => parameter.name === named);
  return given.length === 0 ? index : -1;
}
