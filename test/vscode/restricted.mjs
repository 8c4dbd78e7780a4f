// Restricted Mode: what works in a workspace that the user has not trusted.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { until } from "../waiting.mjs";
import { Workbench } from "./workbench.mjs";

const SCENARIO = "truncate-lockbreak.vmscn";

export async function restricted(browser, server, { workspace, pictures }) {
  const file = path.join(workspace, SCENARIO);
  writeFileSync(file, readFileSync(file, "utf8").replace("touch(V)", "touch(W)"));
  const workbench = await Workbench.open(browser, server, workspace);
  try {
    await workbench.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
    await workbench.openFile(SCENARIO);
    await workbench.page.locator(".editor-instance .squiggly-error").first().waitFor();
    writeFileSync(file, readFileSync(file, "utf8").replace("touch(W)", "touch(V)"));
    await workbench.line("touch(V)").waitFor();

    await workbench.press("Control+Shift+D");
    await workbench.unfold("VMAs");
    await until("the view VMAs", async () => /appear here while a scenario is stopped/.test(await workbench.pane("VMAs").innerText()));
    await workbench.openFile(SCENARIO);

    await workbench.command("Lockbreak: Run Scenario");
    await until("the run's report", async () =>
      /all 3 checks hold/.test((await workbench.page.locator(".part.panel .view-lines").innerText()).replaceAll("\u00a0", " ")),
    );
    await workbench.openFile(SCENARIO);
    await workbench.press("F5");
    await workbench.page.locator(".monaco-dialog-box", { hasText: /trust/i }).waitFor();
  } catch (error) {
    await workbench.page.screenshot({ path: path.join(pictures, "restricted-failed.png") });
    throw error;
  } finally {
    await workbench.close();
  }
}
