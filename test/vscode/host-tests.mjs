// Runs a bundle of tests inside the extension host of a real VS Code, through its web workbench.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { PATIENCE, Watchdog } from "../waiting.mjs";
import { remote, workbenchUrl } from "./rig/server.mjs";

/** From one test to the next: longer than the suite itself gives a test, so that its own error is what is seen. */
const SILENCE = 4 * PATIENCE;
/** What marks a line as the tests' own: the workbench and its host say a lot beside. */
const MARK = "[test] ";

/**
 * Opens the workbench with the extension and the tests, and resolves to the number that the tests end with: 0 if all is well.
 * @param options.web run extension and tests in the browser's extension host
 * @param options.report where to put a picture of the page and all that was logged if something fails: a path without suffix
 */
export async function runInHost(browser, server, { extension, workspace, web = false, report }) {
  const payload = [
    ["extensionDevelopmentPath", remote(server, extension)],
    ["extensionTestsPath", remote(server, path.join(extension, "tests/suite.js"))],
    ["skipWelcome", "true"],
    ...(web ? [["extensionDevelopmentKind", "web"]] : []),
  ];
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const log = [];
  const watchdog = new Watchdog("the next test in the extension host", SILENCE);
  try {
    let end;
    const ended = new Promise((resolve) => (end = resolve));
    await page.exposeFunction("codeAutomationExit", end);
    await page.exposeFunction("codeAutomationLog", (_type, args) => {
      const text = args.map((arg) => (typeof arg === "string" ? arg : JSON.stringify(arg))).join(" ");
      log.push(text);
      if (!text.startsWith(MARK)) return;
      console.log(text.slice(MARK.length));
      watchdog.progress(text.slice(MARK.length).trim().split("\n")[0]);
    });
    await page.goto(workbenchUrl(server, workspace, payload));
    const code = await Promise.race([ended, watchdog.stuck]).catch((error) => {
      console.error(error.message);
      return 124;
    });
    if (code !== 0) {
      writeFileSync(`${report}.log`, log.join("\n"));
      await page.screenshot({ path: `${report}.png` });
      console.error(`See ${report}.log and .png`);
    }
    return code;
  } finally {
    watchdog.stop();
    await context.close();
  }
}
