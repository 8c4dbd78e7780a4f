// Folding: blocks and comments.

import type { AstNode } from "langium";
import { DefaultFoldingRangeProvider } from "langium/lsp";
import { isBlock, isExploreBlock, isMachineBlock } from "../scenario/generated/ast.ts";

export class ScenarioFolding extends DefaultFoldingRangeProvider {
  protected override shouldProcess(node: AstNode): boolean {
    return isBlock(node) || isMachineBlock(node) || isExploreBlock(node);
  }
}
