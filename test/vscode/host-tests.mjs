// Runs a bundle of tests inside the extension host of a real VS Code, through its web workbench.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { remote, workbenchUrl } from "./rig/server.mjs";

const TIME_LIMIT = 150_000;
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
  const log = [];
  let timer;
  try {
    const code = await new Promise((resolve) => {
      timer = setTimeout(() => {
        console.error("The extension host did not report in time.");
        resolve(124);
      }, TIME_LIMIT);
      void (async () => {
        await page.exposeFunction("codeAutomationLog", (_type, args) => {
          const text = args.map((arg) => (typeof arg === "string" ? arg : JSON.stringify(arg))).join(" ");
          log.push(text);
          if (text.startsWith(MARK)) console.log(text.slice(MARK.length));
        });
        await page.exposeFunction("codeAutomationExit", resolve);
        await page.goto(workbenchUrl(server, workspace, payload));
      })();
    });
    if (code !== 0) {
      writeFileSync(`${report}.log`, log.join("\n"));
      await page.screenshot({ path: `${report}.png` });
      console.error(`See ${report}.log and .png`);
    }
    return code;
  } finally {
    clearTimeout(timer);
    await context.close();
  }
}
