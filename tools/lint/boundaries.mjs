// The room rules of ARCHITECTURE.md as a lint rule: who may import whom, and which platform names are out of bounds
// in code that must be deterministic and run anywhere.

const ROOMS = [
  // [folder, what it may import: folders, or "package:" names]
  ["src/engine/kernel", ["src/engine/kernel", "src/engine/machine"]],
  ["src/engine/machine", ["src/engine/machine"]],
  ["src/engine", ["src/engine"]],
  ["src/scenario", ["src/scenario", "src/engine", "package:langium"]],
  ["src/console", ["src/console", "src/scenario", "src/engine"]],
  ["src/debug-adapter", ["src/debug-adapter", "src/console", "src/scenario", "src/engine", "package:@vscode", "node:"]],
  ["src/language-server", ["src/language-server", "src/scenario", "package:langium", "package:vscode-languageserver", "node:"]],
  // Of the adapter the extension knows the messages and the words alone, of the engine nothing.
  ["src/extension", ["src/extension", "src/debug-adapter/protocol.ts", "src/debug-adapter/explore_messages.ts", "src/debug-adapter/words.ts", "package:vscode", "package:vscode-languageclient", "node:"]],
  ["src/cli", ["src/cli", "src/console", "src/debug-adapter", "src/language-server", "src/scenario", "src/engine", "node:"]],
];

const IMPURE = new Set(["Date", "performance", "process", "setTimeout", "setInterval", "crypto", "Buffer", "require", "globalThis"]);

/** @type {import("eslint").Rule.RuleModule} */
export const boundaries = {
  meta: { type: "problem", schema: [], messages: { room: "{{from}} may not import {{to}}", impure: "{{name}} is not allowed here: engine and scenario code is deterministic and platform-free" } },
  create(context) {
    const file = context.filename.replaceAll("\\", "/");
    const here = file.slice(file.lastIndexOf("/src/") + 1);
    const room = ROOMS.find(([folder]) => here.startsWith(folder + "/"));
    if (!room) return {};
    const pure = ["src/engine/", "src/scenario/", "src/console/"].some((folder) => here.startsWith(folder));
    const check = (node) => {
      const target = node.source?.value;
      if (typeof target !== "string") return;
      const to = target.startsWith(".") ? resolve(here, target) : target.startsWith("node:") || target.startsWith("lockbreak:") ? target : `package:${target.split("/")[0]}`;
      if (to.startsWith("lockbreak:")) return;
      if (!room[1].some((allowed) => to === allowed || to.startsWith(allowed.endsWith(":") ? allowed : allowed + "/")))
        context.report({ node, messageId: "room", data: { from: room[0], to } });
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
          if (IMPURE.has(name)) context.report({ node: reference.identifier, messageId: "impure", data: { name } });
        }
      },
      MemberExpression(node) {
        if (pure && node.object.type === "Identifier" && node.object.name === "Math" && node.property.type === "Identifier" && node.property.name === "random")
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
