// The entry point of the tests inside an extension host, which VS Code calls, in both kinds of host.

import "mocha/mocha.js";
import { PATIENCE } from "../../waiting.mjs";

/** A test waits for several things. If one of them does not come, the error is to say which, so this is longer. */
const TEST_PATIENCE = 3 * PATIENCE;

/** Marks the lines of the tests: the process that started them shows these and no others. */
function say(text: string): void {
  console.log(`[test] ${text}`);
}

/** Prints a line for each test. The reporters of mocha need a terminal or a page, and an extension host has neither. */
class Lines {
  constructor(runner: Mocha.Runner) {
    runner.on("pass", (test) => say(`  ✓ ${test.fullTitle()} (${test.duration ?? 0} ms)`));
    runner.on("fail", (test, error: Error) => say(`  ✗ ${test.fullTitle()}\n${error.stack ?? error.message}`));
  }
}

export async function run(): Promise<void> {
  mocha.setup({ ui: "bdd", reporter: Lines as unknown as Mocha.ReporterConstructor, timeout: TEST_PATIENCE });
  await import("./editing.suite.ts");
  await import("./views.suite.ts");
  await import("./expressions.suite.ts");
  await import("./adapter.suite.ts");
  await import("./debugging.suite.ts");
  await import("./travel.suite.ts");
  await import("./exploring.suite.ts");
  await import("./breakpoints.suite.ts");
  await import("./examples.suite.ts");
  await new Promise<void>((resolve, reject) => {
    // Not mocha.run: that looks for a page's address.
    Mocha.prototype.run.call(mocha, (failures) => (failures === 0 ? resolve() : reject(new Error(`${failures} tests failed`))));
  });
}
