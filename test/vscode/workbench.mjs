// The workbench as a user operates it: files, keys, and the texts of panes.
import { PATIENCE, until } from "../waiting.mjs";
import { workbenchUrl } from "./rig/server.mjs";

const BREAKPOINT = ".editor-instance :is(.codicon-debug-breakpoint, .codicon-debug-breakpoint-unverified)";
/** What the gutter shows under the mouse where a click makes a breakpoint. */
const BREAKPOINT_HINT = ".editor-instance .codicon-debug-hint";

export class Workbench {
  constructor(page) {
    this.page = page;
  }

  /** Opens `folder` in a page of its own. */
  static open(browser, server, folder, size) {
    return Workbench.visit(browser, workbenchUrl(server, folder, [["skipWelcome", "true"]]), size);
  }

  /** Opens the workbench at an address. */
  static async visit(browser, url, { width = 1400, height = 900 } = {}) {
    const context = await browser.newContext({ viewport: { width, height } });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const workbench = new Workbench(page);
    await page.goto(url);
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

  /** Makes the side bar so wide, by its border. */
  async widen(width) {
    const bar = await this.page.locator(".part.sidebar").boundingBox();
    await this.page.mouse.move(bar.x + bar.width + 1, bar.y + bar.height / 2);
    await this.page.mouse.down();
    await this.page.mouse.move(bar.x + width, bar.y + bar.height / 2, { steps: 5 });
    await this.page.mouse.up();
  }

  /** Waits until nothing moves on the page any more, and takes the mouse away. */
  async settle() {
    await this.page.mouse.move(this.page.viewportSize().width / 2, 2);
    // A busy machine takes long to draw, and as long in proportion to say what is drawn.
    let took = 0;
    for (let before = ""; ;) {
      await new Promise((resolve) => setTimeout(resolve, 700 + 10 * took));
      const asked = Date.now();
      const now = await this.page.locator(".monaco-workbench").innerText();
      took = Date.now() - asked;
      if (now === before) return;
      before = now;
    }
  }

  press(keys) {
    return this.page.keyboard.press(keys);
  }

  /** Runs a command by its title, from the palette. */
  async command(title) {
    await this.press("F1");
    const input = this.page.locator(".quick-input-widget input.input");
    await input.fill(`>${title}`);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().click();
  }

  /** Opens a file from the explorer. */
  async openFile(name) {
    await this.press("Control+Shift+E");
    await this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).dblclick();
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    // Extensions are known some time after the page is there.
    await this.page.locator(".statusbar-item", { hasText: "VM Scenario" }).waitFor();
  }

  /**
   * Waits, in the view Run and Debug, until keys can start a session: VS Code knows languages before it knows debuggers, and loses F5
   * in between.
   */
  canDebug() {
    return this.pane("Run").getByRole("button", { name: "Run and Debug" }).waitFor();
  }

  /** Opens a file of any folder by a part of its name, which no other has. */
  async openByName(name) {
    await this.press("Control+P");
    await this.page.locator(".quick-input-widget input.input").fill(name);
    await this.page.locator(".quick-input-list .monaco-list-row.focused", { hasText: name }).waitFor();
    await this.press("Enter");
  }

  /** A lens of the editor. */
  lens(text) {
    return this.page.locator(".codelens-decoration a", { hasText: text }).first();
  }

  /** What the webview shows. */
  webview() {
    return this.page.frameLocator("iframe.webview").frameLocator("#active-frame");
  }

  /** Starts debugging by the button beside the editor's tabs. */
  debug() {
    return this.page.locator(".editor-actions [aria-label^='Debug Scenario']").click();
  }

  /** The line of the editor with `text`, as it is on the screen. */
  line(text) {
    return this.page.locator(".editor-instance .view-line", { hasText: text }).first();
  }

  /** Clicks the gutter beside the line with `text`, which has no breakpoint yet, so that it has one. */
  async clickGutter(text) {
    // The lines are drawn anew when highlighting comes in, and languages can have breakpoints some time after they are known.
    await until(`a breakpoint at '${text}'`, async () => {
      const line = await this.line(text)
        .boundingBox()
        .catch(() => null);
      if (line === null) return false;
      if (await this.isBeside(line, BREAKPOINT)) return true;
      const margin = await this.page.locator(".editor-instance .margin").first().boundingBox();
      await this.page.mouse.move(margin.x + 14, line.y + line.height / 2);
      await this.page.mouse.move(margin.x + 10, line.y + line.height / 2);
      if (!(await this.isBeside(line, BREAKPOINT_HINT))) return false;
      await this.page.mouse.click(margin.x + 10, line.y + line.height / 2);
      // The hint has said that a click does something, so there is no second one, which would take the breakpoint away.
      return until("the click to show", () => this.isBeside(line, BREAKPOINT));
    });
  }

  /** Is there one of these marks on the height of a line? */
  async isBeside(line, marks) {
    const boxes = await this.page.locator(marks).evaluateAll((found) => found.map((mark) => mark.getBoundingClientRect().y));
    return boxes.some((y) => Math.abs(y - line.y) < 4);
  }

  /** The hover that the debugger shows for the first `word` of the line with `text`. */
  hoverValue(text, word) {
    const widget = this.page.locator(".debug-hover-widget .value");
    // Lines are drawn anew when highlighting and inline values come in: the word may move away from under the mouse.
    // On a busy machine the value takes longer than a look, and each new look begins anew.
    let look = 1000;
    return until(`the value of ${word}`, async () => {
      await this.rest(text, word);
      look *= 1.5;
      await widget
        .first()
        .waitFor({ timeout: look })
        .catch(() => {});
      return (await widget.allInnerTexts())[0];
    });
  }

  /** Rests the mouse on the first `word` of the line with `text`. */
  async rest(text, word) {
    const { x, y } = await this.line(text).evaluate((line, wanted) => {
      const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
        const start = node.data.indexOf(wanted);
        if (start < 0) continue;
        const range = document.createRange();
        range.setStart(node, start);
        range.setEnd(node, start + wanted.length);
        const box = range.getBoundingClientRect();
        return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      }
      throw new Error(`no ${wanted} in ${line.textContent}`);
    }, word);
    await this.page.mouse.move(x, y + 40);
    await this.page.mouse.move(x, y, { steps: 4 });
  }

  pane(title) {
    return this.page.locator(".part.sidebar .pane", { has: this.page.locator(`.pane-header[aria-label^="${title}"]`) });
  }

  /** Unfolds a pane of the side bar, as the focus goes there. */
  async unfold(title) {
    await this.command(`Focus on ${title} View`);
    await until(`${title} to unfold`, () => this.isUnfolded(title));
  }

  /** Folds a pane of the side bar. */
  async fold(title) {
    if (await this.isUnfolded(title))
      await this.pane(title)
        .locator(".pane-header")
        .click({ position: { x: 40, y: 8 } });
  }

  async isUnfolded(title) {
    return (await this.pane(title).locator(".pane-header").getAttribute("aria-expanded")) === "true";
  }

  /** The texts of a pane's rows. */
  async rows(title) {
    const rows = await this.pane(title).locator(".monaco-list-row").allInnerTexts();
    return rows.map((row) => row.replace(/\s+/g, " ").trim());
  }

  /** The texts of all rows of a pane, of which it has only those that can be seen: scrolls down to the end. */
  async allRows(title) {
    const found = new Set(await this.rows(title));
    if (found.size === 0) return [];
    const list = await this.pane(title).locator(".monaco-list").first().boundingBox();
    await this.page.mouse.move(list.x + list.width / 2, list.y + list.height / 2);
    for (let before = -1; found.size > before;) {
      before = found.size;
      await this.page.mouse.wheel(0, 88);
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (const row of await this.rows(title)) found.add(row);
    }
    await this.page.mouse.wheel(0, -10_000);
    // A row under the mouse shows buttons in place of what it says.
    await this.page.mouse.move(700, 5);
    return [...found];
  }

  /** Shows the last rows of a pane. */
  async scrollDown(title) {
    const list = await this.pane(title).locator(".monaco-list").first().boundingBox();
    await this.page.mouse.move(list.x + list.width / 2, list.y + list.height / 2);
    await this.page.mouse.wheel(0, 10_000);
  }

  /** Waits for a row that matches, and gives its text. */
  row(title, pattern) {
    const match = (rows) => rows.find((row) => pattern.test(row));
    return until(`${pattern} in ${title}`, async () => match(await this.rows(title)) ?? match(await this.allRows(title))).catch(
      async (error) => {
        throw new Error(`${error.message}; there are:\n${(await this.rows(title)).join("\n")}`);
      },
    );
  }

  /** Clicks the row that matches. */
  async clickRow(title, pattern) {
    await this.pane(title).locator(".monaco-list-row", { hasText: pattern }).first().click();
  }

  /** The text of the editor's line with the current statement. */
  async currentLine() {
    const text = await until("the current statement", () =>
      this.page.evaluate(() => {
        const editor = document.querySelector(".editor-instance");
        const mark = editor?.querySelector(".debug-top-stack-frame-line, .debug-focused-stack-frame-line")?.getBoundingClientRect();
        return (
          mark &&
          [...editor.querySelectorAll(".view-line")].find((line) => Math.abs(line.getBoundingClientRect().y - mark.y) < 4)?.innerText
        );
      }),
    );
    return text.replace(/\s+/g, " ").trim();
  }
}
