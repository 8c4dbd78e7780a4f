// The parser that Langium constructs from the grammar. Constructing it takes far longer than parsing a usual scenario, so
// the first parse does it.

import {
  createDefaultCoreModule,
  createDefaultSharedCoreModule,
  EmptyFileSystem,
  inject,
  LangiumParserErrorMessageProvider,
  type LangiumCoreServices,
  type LangiumParser,
  type LangiumSharedCoreServices,
} from "langium";
import type { Expression, Scenario } from "../generated/ast.ts";
import { VmscnGeneratedModule, VmscnGeneratedSharedModule } from "../generated/module.ts";

/** Where the parser failed, and what it expected. */
export interface ParseError {
  /** Offset of the token that does not fit; Infinity at the end of the text. */
  readonly offset: number;
  /** The expected token (a keyword, or the name of a terminal), or null if there are several alternatives. */
  readonly expected: string | null;
  /** The grammar rules that were being parsed, outermost first. */
  readonly ruleStack: readonly string[];
}

/** The tree of the text, or the first error in it: the parser stops at it (see recovering-parser.ts). */
export type ParseOutcome<T> = { readonly tree: T } | { readonly error: ParseError };

let parser: LangiumParser | undefined;

/** Parses `text` from the grammar rule `rule`, without error recovery. */
export function parse(text: string, rule: "Scenario"): ParseOutcome<Scenario>;
export function parse(text: string, rule: "Expression"): ParseOutcome<Expression>;
export function parse(text: string, rule: "Scenario" | "Expression"): ParseOutcome<Scenario | Expression> {
  parser ??= createParser();
  const { value, parserErrors } = parser.parse<Scenario | Expression>(text, { rule });
  const error = parserErrors[0];
  if (error === undefined) return { tree: value };
  const offset = error.token.startOffset;
  return {
    error: {
      offset: Number.isNaN(offset) || error.token.image === "" ? Infinity : offset,
      expected: error.name === "MismatchedTokenException" ? error.message : null,
      ruleStack: error.context.ruleStack.map((name) => name.replace("\u200B", "")),
    },
  };
}

/** The message of a mismatch is the name of the expected token alone: recovering-parser.ts makes the diagnostic from it. */
class ExpectedTokenName extends LangiumParserErrorMessageProvider {
  override buildMismatchTokenMessage({ expected }: { expected: { name: string } }): string {
    return expected.name;
  }
}

function createParser(): LangiumParser {
  const shared: LangiumSharedCoreServices = inject(createDefaultSharedCoreModule(EmptyFileSystem), VmscnGeneratedSharedModule);
  const services: LangiumCoreServices = inject(createDefaultCoreModule({ shared }), VmscnGeneratedModule, {
    parser: { ParserErrorMessageProvider: () => new ExpectedTokenName() },
  });
  return services.parser.LangiumParser;
}
