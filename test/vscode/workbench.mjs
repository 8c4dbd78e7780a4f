// The workbench as a person uses it: files, keys, and what panes say.
import { workbenchUrl } from "./rig/server.mjs";

const TIME_LIMIT = 20_000;

/** Waits until `probe` gives something true. */
export async function until(what, probe, within = TIME_LIMIT) {
  const end = Date.now() + within;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`still waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export class Workbench {
  constructor(page) {
    this.page = page;
  }

  /** Opens `folder` in a page of its own. */
  static async open(browser, server, folder, { payload = [], width = 1400, height = 900, scale = 1 } = {}) {
    const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale });
    const page = await context.newPage();
    page.setDefaultTimeout(TIME_LIMIT);
    const workbench = new Workbench(page);
    await page.goto(workbenchUrl(server, folder, [["skipWelcome", "true"], ...payload]));
    await workbench.ready();
    return workbench;
  }

  async ready() {
    await this.page.locator(".monaco-workbench .explorer-folders-view .monaco-list-row").first().waitFor();
  }

  async reload() {
    await this.page.reload();
    await this.page.locator(".monaco-workbench .part.sidebar .pane-header").first().waitFor();
  }

  close() {
    return this.page.context().close();
  }

  press(keys) {
    return this.page.keyboard.press(keys);
  }

  /** Runs a command by its title, from the palette. */
  async command(title) {
    await this.press("F1");
    const input = this.page.locator(".quick-input-widget input.input");
    await input.fill(`>${title}`);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor();
    await this.press("Enter");
  }

  /** Opens a file from the explorer. */
  async openFile(name) {
    await this.press("Control+Shift+E");
    await this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).dblclick();
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    // Extensions are known some time after the page is there.
    await this.page.locator(".statusbar-item", { hasText: "VM Scenario" }).waitFor();
  }

  /** The line of the editor with `text`, as it is on the screen. */
  line(text) {
    return this.page.locator(".editor-instance .view-line", { hasText: text }).first();
  }

  /** Clicks the gutter beside the line with `text`, which has no breakpoint yet, until it has one. */
  async clickGutter(text) {
    const breakpoints = this.page.locator(".editor-instance .codicon-debug-breakpoint, .editor-instance .codicon-debug-breakpoint-unverified");
    // The lines are drawn anew when highlighting comes in, and languages can have breakpoints some time after they are known.
    await until(`a breakpoint at '${text}'`, async () => {
      const line = await this.line(text).boundingBox().catch(() => null);
      if (line === null) return false;
      const beside = async () => (await Promise.all((await breakpoints.all()).map((one) => one.boundingBox()))).some((box) => box !== null && Math.abs(box.y - line.y) < 4);
      if (await beside()) return true;
      const margin = await this.page.locator(".editor-instance .margin").first().boundingBox();
      await this.page.mouse.click(margin.x + 10, line.y + line.height / 2);
      return until("the click to show", beside, 1000).catch(() => false);
    });
  }

  pane(title) {
    return this.page.locator(".part.sidebar .pane", { has: this.page.locator(`.pane-header[aria-label^="${title}"]`) });
  }

  /** Unfolds or folds a pane of the side bar. */
  async expand(title, wanted = true) {
    const header = this.pane(title).locator(".pane-header");
    if (((await header.getAttribute("aria-expanded")) === "true") !== wanted) await header.click({ position: { x: 40, y: 8 } });
  }

  /** The texts of a pane's rows. */
  async rows(title) {
    const rows = await this.pane(title).locator(".monaco-list-row").allInnerTexts();
    return rows.map((row) => row.replace(/\s+/g, " ").trim());
  }

  /** Waits for a row that matches, and gives its text. */
  row(title, pattern) {
    return until(`${pattern} in ${title}`, async () => (await this.rows(title)).find((row) => pattern.test(row))).catch(async (error) => {
      throw new Error(`${error.message}; there are:\n${(await this.rows(title)).join("\n")}`);
    });
  }

  /** Clicks the row that matches. */
  async clickRow(title, pattern) {
    await this.pane(title).locator(".monaco-list-row", { hasText: pattern }).first().click();
  }

  /** The editor's line with the current statement. */
  async currentLine() {
    const mark = await until("the current statement", () => this.page.locator(".editor-instance .debug-top-stack-frame-line, .editor-instance .debug-focused-stack-frame-line").first().boundingBox().catch(() => null));
    const lines = await this.page.locator(".editor-instance .view-line").all();
    for (const line of lines) if (Math.abs((await line.boundingBox()).y - mark.y) < 4) return (await line.innerText()).replace(/\s+/g, " ").trim();
    return "";
  }

  async notifications() {
    return this.page.locator(".notification-toast, .monaco-dialog-box").allInnerTexts();
  }
}
