// Which folder may import which, as a lint rule, and which platform names are out of bounds in code that must be
// deterministic and run anywhere. The folders are those of the code map in ARCHITECTURE.md.

/** What has to do with the model and the language, below every adapter and command. */
const MODEL = ["src/engine/*", "src/scenario", "src/scenario/*"];
const ADAPTER = [...MODEL, "src/console", "src/debug-adapter/*", "package:@vscode"];
const COMMAND_LINE = [...MODEL, "src/console", "node:"];
/** Of the adapter the extension knows the messages and how numbers are written, of the engine nothing. */
const MESSAGES = ["protocol", "explore-messages", "number-format"].map((name) => `src/debug-adapter/protocol/${name}.ts`);

/**
 * The folders of `src`, lowest layer first, each with the folders and packages that it may import besides itself. A folder may
 * only import folders listed before it, so there is no cycle of folders. `src/engine/*` names every folder directly below
 * `src/engine`; an entry that is a file allows that file alone; "package:" names packages by their beginning, "node:" those of
 * Node.
 */
const FOLDERS = [
  ["src/engine/machine", []],
  ["src/engine/schedule", ["src/engine/machine"]],
  // The common functions and those of each kernel call each other through the image: one subject in many folders.
  ["src/engine/kernel/**", ["src/engine/machine", "src/engine/schedule"]],
  ["src/engine/replay", ["src/engine/machine"]],
  ["src/engine/observe", ["src/engine/*"]],
  ["src/engine/observe/checks", ["src/engine/*"]],
  ["src/engine/explore", ["src/engine/*"]],

  ["src/scenario/catalogue", ["src/engine/*"]],
  ["src/scenario/program", ["src/engine/kernel"]],
  ["src/scenario/check", ["src/engine/kernel", "src/scenario/*"]],
  ["src/scenario/generated", ["package:langium"]],
  ["src/scenario/syntax", ["src/scenario/*", "package:langium"]],
  ["src/scenario/lower", ["src/engine/kernel", "src/scenario/*", "package:langium"]],
  ["src/scenario", ["src/scenario/*"]],
  ["src/scenario/run", ["src/engine/*", "src/engine/observe/checks", "src/scenario/*"]],
  ["src/scenario/explore", ["src/engine/*", "src/scenario/*"]],

  ["src/console", ["src/engine/*", "src/scenario", "src/scenario/*"]],

  ["src/debug-adapter/protocol", ["src/engine/observe", "src/scenario/explore", "src/console", "package:@vscode"]],
  ["src/debug-adapter/launch", [...MODEL, "src/debug-adapter/*"]],
  ["src/debug-adapter/sources", [...MODEL, "src/debug-adapter/*", "package:@vscode"]],
  ["src/debug-adapter/values", ADAPTER],
  ["src/debug-adapter/breakpoints", ADAPTER],
  ["src/debug-adapter/execution", ADAPTER],
  ["src/debug-adapter/requests", ADAPTER],
  ["src/debug-adapter/server", [...ADAPTER, "node:"]],

  ["src/language-server", ["src/scenario", "src/scenario/*", "package:langium", "package:vscode-languageserver", "node:"]],

  ["src/cli/shared", [...COMMAND_LINE, "src/debug-adapter/execution"]],
  ["src/cli/compare", [...COMMAND_LINE, "src/debug-adapter/execution", "src/cli/shared"]],
  ["src/cli/explore", [...COMMAND_LINE, "src/debug-adapter/execution", "src/cli/shared"]],
  ["src/cli/step", [...COMMAND_LINE, "src/cli/shared"]],
  ["src/cli/run", [...COMMAND_LINE, "src/cli/*"]],
  ["src/cli", ["src/cli/*", "src/debug-adapter/server", "src/language-server", "node:"]],

  ["src/extension/host", ["package:vscode", "node:"]],
  ["src/extension/debug", [...MESSAGES, "src/extension/*", "package:vscode"]],
  ["src/extension/examples", ["src/extension/*", "package:vscode"]],
  ["src/extension/explore", [...MESSAGES, "src/extension/*", "package:vscode"]],
  ["src/extension/views", [...MESSAGES, "src/extension/*", "package:vscode"]],
  ["src/extension", ["src/extension/*", "package:vscode", "package:vscode-languageclient", "node:"]],
];

/** No clock, no randomness, nothing of a platform. */
const PURE = ["src/engine/", "src/scenario/", "src/console/"];
const IMPURE_NAMES = new Set(["Date", "performance", "process", "setTimeout", "setInterval", "crypto", "Buffer", "require", "globalThis"]);

/** The index in FOLDERS of the folder that a file is in; -1 if none is listed. */
function folderOf(file) {
  const folder = file.slice(0, file.lastIndexOf("/"));
  return FOLDERS.findIndex(([name]) => (name.endsWith("/**") ? `${folder}/`.startsWith(name.slice(0, -2)) : folder === name));
}

/** Does an entry of what may be imported mean this folder or package? */
function means(allowed, target) {
  if (allowed.endsWith("/*")) return target.slice(0, target.lastIndexOf("/")) === allowed.slice(0, -2);
  return allowed.includes(":") ? target.startsWith(allowed) : target === allowed;
}

/** @type {import("eslint").Rule.RuleModule} */
export const boundaries = {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      unlisted: "{{file}} is in no folder that tools/lint/boundaries.mjs lists",
      forbidden: "{{from}} may not import {{to}}",
      upwards: "{{from}} may not import {{to}}, which is a layer above it",
      impure: "{{name}} is not allowed here: engine and scenario code is deterministic and platform-free",
    },
  },
  create(context) {
    const filename = context.filename.replaceAll("\\", "/");
    const start = filename.lastIndexOf("/src/");
    if (start < 0) return {};
    const here = filename.slice(start + 1);
    const own = folderOf(here);
    if (own < 0) return { Program: (node) => context.report({ node, messageId: "unlisted", data: { file: here } }) };
    const [name, allowed] = FOLDERS[own];
    const from = name.replace("/**", "");
    const pure = PURE.some((folder) => here.startsWith(folder));
    const check = (node) => {
      const target = node.source?.value;
      if (typeof target !== "string" || target.startsWith("lockbreak:")) return;
      const file = target.startsWith(".") ? resolve(here, target) : null;
      const other = file === null ? null : folderOf(file);
      if (other === own) return;
      const to =
        other === null ? (target.startsWith("node:") ? target : `package:${target}`) : (FOLDERS[other]?.[0].replace("/**", "") ?? file);
      if (!allowed.some((entry) => entry === file || means(entry, to)))
        context.report({ node, messageId: "forbidden", data: { from, to } });
      else if (other !== null && other > own) context.report({ node, messageId: "upwards", data: { from, to } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      "Program:exit"(program) {
        if (!pure) return;
        for (const reference of context.sourceCode.getScope(program).through) {
          const { name } = reference.identifier;
          if (IMPURE_NAMES.has(name)) context.report({ node: reference.identifier, messageId: "impure", data: { name } });
        }
      },
      MemberExpression(node) {
        if (
          pure &&
          node.object.type === "Identifier" &&
          node.object.name === "Math" &&
          node.property.type === "Identifier" &&
          node.property.name === "random"
        )
          context.report({ node, messageId: "impure", data: { name: "Math.random" } });
      },
    };
  },
};

function resolve(from, target) {
  const parts = from.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
