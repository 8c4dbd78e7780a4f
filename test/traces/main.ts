// Prints all traces, for test/vscode/traces.mjs, which compares those of two versions of Node.

import { traces } from "./traces.ts";

console.log(JSON.stringify({ node: process.version, traces: traces() }));
