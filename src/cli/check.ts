// `lockbreak check`: prints the diagnostics of scenarios.

import type { CliOptions } from "./shared/arguments.ts";
import { EXIT, UserError } from "./shared/errors.ts";
import { formatDiagnostic, loadScenario } from "./shared/load-scenario.ts";

/** Prints the diagnostics of all files. Warnings and hints do not make it fail. */
export function checkCommand(files: readonly string[], options: CliOptions): number {
  const memory = options.size("limit-memory");
  let failed = false;
  for (const file of files) {
    try {
      const { diagnostics, program } = loadScenario(file, { memory });
      for (const diagnostic of diagnostics) process.stdout.write(`${formatDiagnostic(file, diagnostic)}\n`);
      if (program === undefined) failed = true;
      else if (diagnostics.length === 0) process.stdout.write(`${file}: no mistakes\n`);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      process.stderr.write(`lockbreak: error ${error.code}: ${error.message}\n`);
      failed = true;
    }
  }
  return failed ? EXIT.wrong : EXIT.ok;
}
