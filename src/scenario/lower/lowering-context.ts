// The state of lowering the syntax tree of one text to a Program.

import { GrammarUtils, type AstNode } from "langium";
import type { FunctionEntry } from "../catalogue/index.ts";
import type { Range } from "../program/program.ts";
import type { DiagnosticReporter } from "../program/diagnostic-reporter.ts";
import { LineMap } from "../syntax/line-map.ts";

export class LoweringContext {
  private readonly lineMap: LineMap;
  /** The site of the next statement. */
  sites = 0;

  constructor(
    readonly text: string,
    readonly reporter: DiagnosticReporter,
    /** The functions that expressions can call. */
    readonly functions: ReadonlyMap<string, FunctionEntry>,
  ) {
    this.lineMap = new LineMap(text);
  }

  nodeRange(node: AstNode): Range {
    return this.offsetRange(node.$cstNode!.offset, node.$cstNode!.end);
  }

  offsetRange(start: number, end: number): Range {
    return this.lineMap.range(start, end);
  }

  /** The range of a `property` of `node`, its name for instance. */
  propertyRange(node: AstNode, property: string): Range {
    const { offset, end } = GrammarUtils.findNodeForProperty(node.$cstNode, property)!;
    return this.offsetRange(offset, end);
  }

  /** The range from the beginning of `node` up to its body. */
  headRange(node: AstNode, body: AstNode): Range {
    const start = node.$cstNode!.offset;
    return this.offsetRange(start, start + this.text.slice(start, body.$cstNode!.offset).trimEnd().length);
  }
}
