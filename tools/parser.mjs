// Generates the parser from the grammar. Langium prints each step on standard output, and errors on standard error.
import { spawnSync } from "node:child_process";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const langium = path.join(root, "node_modules/langium-cli/bin/langium.js");
const { status } = spawnSync(process.execPath, [langium, "generate"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
process.exitCode = status ?? 1;
