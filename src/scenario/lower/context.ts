// What lowering the syntax tree to a Program needs everywhere.

import { GrammarUtils, type AstNode } from "langium";
import type { FunctionEntry } from "../catalogue/index.ts";
import type { Range } from "../program/program.ts";
import type { Reporter } from "../program/report.ts";
import { LineMap } from "../syntax/text.ts";

export class Context {
  private readonly lines: LineMap;
  /** The next statement's number. */
  sites = 0;

  constructor(
    readonly text: string,
    readonly reporter: Reporter,
    /** The functions that expressions can call. */
    readonly functions: ReadonlyMap<string, FunctionEntry>,
  ) {
    this.lines = new LineMap(text);
  }

  range(node: AstNode): Range {
    return this.offsets(node.$cstNode!.offset, node.$cstNode!.end);
  }

  offsets(start: number, end: number): Range {
    return this.lines.range(start, end);
  }

  /** Where `node` has its `property`: its name, say. */
  property(node: AstNode, property: string): Range {
    const { offset, end } = GrammarUtils.findNodeForProperty(node.$cstNode, property)!;
    return this.offsets(offset, end);
  }

  /** From the beginning of `node` to where its body begins. */
  head(node: AstNode, body: AstNode): Range {
    const start = node.$cstNode!.offset;
    return this.offsets(start, start + this.text.slice(start, body.$cstNode!.offset).trimEnd().length);
  }
}
