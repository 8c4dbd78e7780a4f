// Lint rules, among them the invariants of ARCHITECTURE.md about which folder may import which, and the conventions of
// CONTRIBUTING.md about names and sizes.
import tseslint from "typescript-eslint";
import { boundaries } from "./tools/lint/boundaries.mjs";
import { uniqueExports } from "./tools/lint/unique-exports.mjs";

/**
 * Names that others have given keep their spelling: the kernel's fields and functions, those of recorded files, protocols and build
 * tools.
 */
const GIVEN_NAMES = [
  ["vm_\\w+", "i_\\w+", "mm_\\w+", "PG_\\w+", "break_lock", "truncate_count", "restart_addr", "restart_vma", "first_index", "last_index"],
  ["new_vma", "old_addr", "start_addr", "end_addr", "need_resched", "need_lockbreak", "cond_resched", "max_mapnr", "lock_stat"],
  ["radix_index", "heap_index", "index_bits", "size_level_bits", "ends_in_bug", "assertion_in_\\S+", "visit_\\S+"],
  [
    "_\\w*",
    "even_cows",
    "exit_code",
    "events_omitted",
    "request_seq",
    "is_deadline_over",
    "state_roots",
    "state_digest",
    "name_of",
    "endLine",
    "endColumn",
  ],
].flat();

const filter = { regex: `^(${GIVEN_NAMES.join("|")})$`, match: false };

/** Functions, fields, parameters and variables are spelled so, unless they only take apart what has its names already. */
const spelled = (format) => [
  {
    selector: ["function", "classMethod", "classProperty", "typeMethod", "typeProperty", "accessor", "parameter", "variable"],
    format,
    filter,
  },
  { selector: ["variable", "parameter"], modifiers: ["destructured"], format: null, filter },
];

export default tseslint.config(
  { ignores: ["dist/", "out/", "node_modules/", "src/scenario/generated/"] },
  ...tseslint.configs.recommended,
  {
    plugins: { lockbreak: { rules: { boundaries, "unique-exports": uniqueExports } } },
    rules: {
      "lockbreak/boundaries": "error",
      "lockbreak/unique-exports": "error",
      "max-len": ["error", { code: 140 }],
      "max-lines": ["error", { max: 400 }],
      "no-eval": "error",
      "no-new-func": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "prefer-const": ["error", { destructuring: "all" }],
      "require-yield": "off",
    },
  },
  {
    files: ["src/**/*.ts", "test/**/*.ts", "tools/**/*.ts"],
    ignores: ["src/engine/**"],
    rules: { "@typescript-eslint/naming-convention": ["error", ...spelled(["camelCase", "PascalCase", "UPPER_CASE"])] },
  },
  {
    files: ["src/engine/**/*.ts"],
    rules: { "@typescript-eslint/naming-convention": ["error", ...spelled(["snake_case", "PascalCase", "UPPER_CASE"])] },
  },
);
