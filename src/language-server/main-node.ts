// The language server as a program of its own.

import { runLanguageServer } from "./command.ts";

void runLanguageServer(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
