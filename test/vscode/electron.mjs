// `npm run test:electron`: the suite in a desktop VS Code, which is downloaded, or named in VSCODE_EXECUTABLE.
import path from "node:path";
import { runTests } from "@vscode/test-electron";
import { stageWithTests, stageWorkspace, workFolder } from "./staging.mjs";

const work = workFolder();
try {
  const extension = stageWithTests(path.join(work.folder, "extension"));
  const workspace = stageWorkspace(path.join(work.folder, "workspace"));
  const executable = process.env.VSCODE_EXECUTABLE;
  await runTests({
    ...(executable && { vscodeExecutablePath: executable }),
    extensionDevelopmentPath: extension,
    extensionTestsPath: path.join(extension, "tests/suite.js"),
    launchArgs: [workspace, "--disable-workspace-trust", "--skip-welcome", `--user-data-dir=${path.join(work.folder, "user")}`],
  });
} catch (error) {
  console.error(`The tests in a desktop VS Code failed: ${error.message}. VSCODE_EXECUTABLE can name an installed VS Code.`);
  process.exitCode = 1;
} finally {
  work.remove();
}
