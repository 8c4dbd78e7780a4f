// Prints all traces, for whoever compares those of two versions of Node: see test/vscode/traces.mjs.

import { traces } from "./traces.ts";

console.log(JSON.stringify({ node: process.version, traces: traces() }));
