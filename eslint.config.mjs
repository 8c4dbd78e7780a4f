// Lint rules, among them the invariants of ARCHITECTURE.md about who may import whom.
import tseslint from "typescript-eslint";
import { boundaries } from "./tools/lint/boundaries.mjs";

export default tseslint.config(
  { ignores: ["dist/", "out/", "node_modules/", "src/scenario/generated/"] },
  ...tseslint.configs.recommended,
  {
    plugins: { lockbreak: { rules: { boundaries } } },
    rules: {
      "lockbreak/boundaries": "error",
      "no-eval": "error",
      "no-new-func": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "prefer-const": ["error", { destructuring: "all" }],
      "require-yield": "off",
    },
  },
);
