// One exported name, one thing: a lint rule against two files of `src` that export the same name.
//
// Excepted are the functions of the kernel model, of which each kernel may have its own (docs/kernels.md), and what VS Code asks every
// entry point of an extension to export.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const EXPORTED = /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|class|interface|type|enum|function\*?) (\w+)/gm;
const ENTRY_POINT_NAMES = new Set(["activate", "deactivate"]);
/** The folders of single kernels, and the common one beside them. */
const KERNEL_VARIANT = /^src\/engine\/kernel\/[^/]+\//;

/** By name: the files of `src` that export it. Read once for all files that are linted. */
let exporters = null;

function readExporters(root) {
  const found = new Map();
  for (const name of readdirSync(path.join(root, "src"), { recursive: true })) {
    const file = `src/${name.replaceAll("\\", "/")}`;
    if (!file.endsWith(".ts") || file.includes("/generated/")) continue;
    for (const [, exported] of readFileSync(path.join(root, file), "utf8").matchAll(EXPORTED))
      found.set(exported, new Set(found.get(exported)).add(file));
  }
  return found;
}

/** @type {import("eslint").Rule.RuleModule} */
export const uniqueExports = {
  meta: { type: "problem", schema: [], messages: { taken: "{{name}} is exported by {{other}}, too: one of them needs another name" } },
  create(context) {
    const file = path.relative(context.cwd, context.filename).replaceAll("\\", "/");
    if (!file.startsWith("src/")) return {};
    exporters ??= readExporters(context.cwd);
    return {
      ExportNamedDeclaration({ declaration }) {
        if (!declaration) return;
        for (const name of declaredNames(declaration)) {
          if (ENTRY_POINT_NAMES.has(name)) continue;
          const other = [...(exporters.get(name) ?? [])].find(
            (one) => one !== file && !(KERNEL_VARIANT.test(one) && KERNEL_VARIANT.test(file)),
          );
          if (other !== undefined) context.report({ node: declaration, messageId: "taken", data: { name, other } });
        }
      },
    };
  },
};

/** The names that an exported declaration declares. */
function declaredNames({ id, declarations = [] }) {
  return id ? [id.name] : declarations.flatMap((declarator) => (declarator.id.type === "Identifier" ? [declarator.id.name] : []));
}
