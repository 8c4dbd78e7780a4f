// The parser that Langium makes of the grammar. Making it takes far longer than parsing a usual scenario, so it is made
// when it is first needed.

import {
  createDefaultCoreModule, createDefaultSharedCoreModule, EmptyFileSystem, inject, LangiumParserErrorMessageProvider,
  type LangiumCoreServices, type LangiumParser, type LangiumSharedCoreServices,
} from "langium";
import type { Expression, Scenario } from "../generated/ast.ts";
import { VmscnGeneratedModule, VmscnGeneratedSharedModule } from "../generated/module.ts";

/** Where the parser could not go on, and what it was looking for. */
export interface SyntaxError {
  /** Offset of the token that does not fit; Infinity at the end of the text. */
  readonly offset: number;
  /** The one token that would have been right (a literal, or the name of a terminal), or null if there are several. */
  readonly expected: string | null;
  /** The grammar rules that were being parsed, outermost first. */
  readonly rules: readonly string[];
}

/** The tree of the text, or the first error in it: the parser never looks beyond one (see recover.ts). */
export type Parsed<T> = { readonly tree: T } | { readonly error: SyntaxError };

let parser: LangiumParser | undefined;

export function parse(text: string, rule: "Scenario"): Parsed<Scenario>;
export function parse(text: string, rule: "Expression"): Parsed<Expression>;
export function parse(text: string, rule: "Scenario" | "Expression"): Parsed<Scenario | Expression> {
  parser ??= createParser();
  const { value, parserErrors } = parser.parse<Scenario | Expression>(text, { rule });
  const error = parserErrors[0];
  if (error === undefined) return { tree: value };
  const offset = error.token.startOffset;
  return {
    error: {
      offset: Number.isNaN(offset) || error.token.image === "" ? Infinity : offset,
      expected: error.name === "MismatchedTokenException" ? error.message : null,
      rules: error.context.ruleStack.map((name) => name.replace("\u200B", "")),
    },
  };
}

/** Of a mismatch only the expected token's name is wanted: the sentence is made in recover.ts. */
class TokenNames extends LangiumParserErrorMessageProvider {
  override buildMismatchTokenMessage({ expected }: { expected: { name: string } }): string {
    return expected.name;
  }
}

function createParser(): LangiumParser {
  const shared: LangiumSharedCoreServices = inject(createDefaultSharedCoreModule(EmptyFileSystem), VmscnGeneratedSharedModule);
  const services: LangiumCoreServices = inject(createDefaultCoreModule({ shared }), VmscnGeneratedModule, {
    parser: { ParserErrorMessageProvider: () => new TokenNames() },
  });
  return services.parser.LangiumParser;
}
