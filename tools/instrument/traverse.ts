// Babel's traverse. Its CommonJS default export arrives as the module object under Node's ESM loader.
import babelTraverse from "@babel/traverse";

export const traverse = (babelTraverse as unknown as { default: typeof babelTraverse }).default;
