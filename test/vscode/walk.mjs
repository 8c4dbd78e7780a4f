// A walk through the packaged extension as a user takes it: clicks and keys as input, the texts of the page as output.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { until } from "../waiting.mjs";
import { Workbench } from "./workbench.mjs";

const SCENARIO = "truncate-lockbreak.vmscn";
/** In the scenario, inline there, in a common kernel file, and in one of a kernel's own. */
const BREAKPOINTS = [
  /truncate-lockbreak\.vmscn 27/,
  /truncate-lockbreak\.vmscn 34:\d/,
  /truncate\.ts.*common/,
  /memory_search\.ts.*vmtrunc4/,
];

/** @param options.pictures where to leave pictures of what was seen */
export async function walk(browser, server, { workspace, pictures }) {
  const workbench = await Workbench.open(browser, server, workspace, { width: 1500, height: 1400 });
  try {
    await toTheLockbreak(workbench);
    await readPanes(workbench);
    await pictureThemes(workbench, server, pictures);
    await backAndForth(workbench);
    await throughTime(workbench, pictures);
    await setKernelBreakpoints(workbench);
    await breakpointsSurviveReload(workbench);
    await breakpointsSurviveKernel(workbench, path.join(workspace, SCENARIO));
    await exploreRace(workbench, pictures);
    await openExamples(workbench, `${workspace}-chosen`);
  } catch (error) {
    await workbench.page.screenshot({ path: path.join(pictures, "walk-failed.png") });
    throw error;
  } finally {
    await workbench.close();
  }
}

async function toTheLockbreak(workbench) {
  await workbench.openFile(SCENARIO);
  await workbench.page.locator(".editor-actions [aria-label^='Debug Scenario']").waitFor();
  // It makes room for itself: lines move down.
  await workbench.lens("Explore").waitFor();
  await workbench.clickGutter("truncate(data, 64K)");
  await workbench.line("munmap(B)").click({ position: { x: 60, y: 8 } });
  await workbench.press("Shift+F9");
  await workbench.press("F5");
  await workbench.press("Control+Shift+D");
  await workbench.row("Call Stack", /^truncate\(data, 64K\)/);
  for (const pane of ["Watch", "Loaded Scripts"]) await workbench.fold(pane);
  // Ours unfold by themselves at the first stop.
  for (const pane of ["VMAs", "Locks"]) await until(`${pane} to unfold`, () => workbench.isUnfolded(pane));
  await workbench.unfold("Breakpoints");
  await workbench.press("F5");
  await workbench.row("Call Stack", /lockbreak on data/i);
}

async function readPanes(workbench) {
  for (const name of [
    "unmap_mapping_range_vma",
    "unmap_mapping_range_tree",
    "unmap_mapping_range",
    "vmtruncate",
    "truncate\\(data, 64K\\)",
  ])
    await workbench.row("Call Stack", new RegExp(`^${name} `));
  await workbench.row("Call Stack", /^reader/);
  await workbench.row("Variables", /^need_break = 1$/);
  await workbench.row("Variables", /^Arguments$/);
  await workbench.row("Breakpoints", /^lockbreak/);
  for (const breakpoint of BREAKPOINTS.slice(0, 2)) await workbench.row("Breakpoints", breakpoint);
  await workbench.row("VMAs", /viewer\[0\]\.V ?restart at 0x/);
  await workbench.row("VMAs", /viewer\[3\]\.V ?not reached · 256\/256/);
  await workbench.row("Locks", /data\.i_mmap_lock ?free · reader waits · broken once/);
  const line = await workbench.currentLine();
  if (!line.includes("cond_resched")) throw new Error(`The current statement is '${line}'.`);
  await until("inline values", async () => (await workbench.line("details.restart_addr = details.break_addr").innerText()).includes("0x"));
  const hovered = await workbench.hoverValue("details.restart_addr = details.break_addr", "restart_addr");
  if (!/^0x[0-9a-f]+$/.test(hovered)) throw new Error(`The mouse on details.restart_addr says '${hovered}'.`);
}

async function pictureThemes(workbench, server, pictures) {
  for (const theme of ["Default Light Modern", "Default Dark Modern"]) {
    server.configure({ "workbench.colorTheme": theme });
    const type = theme.includes("Dark") ? "vs-dark" : "vs";
    await workbench.page.locator(`.monaco-workbench.${type}`).first().waitFor();
    await workbench.page.screenshot({ path: path.join(pictures, `walk-${type}.png`) });
  }
}

async function backAndForth(workbench) {
  const before = await workbench.currentLine();
  await workbench.press("Control+F10");
  await workbench.row("Call Stack", /◀/);
  await until("another statement", async () => (await workbench.currentLine()) !== before);
  await workbench.press("F10");
  await until("the same statement", async () => (await workbench.currentLine()) === before);
  await workbench.clickRow("VMAs", "viewer[2].V");
  await workbench.page.locator(`.tab.active[data-resource-name="${SCENARIO}"]`).waitFor();
  await workbench.page.locator(".statusbar-item", { hasText: "Ln 18" }).waitFor();
  await workbench.command("Lockbreak: Group VMAs by Process");
  await workbench.row("VMAs", /^viewer\[2\] ?1 vma/);
  await workbench.command("Lockbreak: Group VMAs by File");
  await workbench.row("VMAs", /^data ?5 vmas/);
}

/** To an event by a part of its text, to a time, to another branch and back; the status bar shows the position. */
async function throughTime(workbench, pictures) {
  const status = (text) => workbench.page.locator(".statusbar-item", { hasText: text }).waitFor();
  const input = workbench.page.locator(".quick-input-widget input.input");
  const goToEvent = async (typed, text) => {
    await workbench.press("Control+Alt+G");
    await input.fill(typed);
    await workbench.page.locator(".quick-input-list .monaco-list-row.focused", { hasText: text }).waitFor();
    await workbench.settle();
    await workbench.press("Enter");
  };
  await workbench.press("Control+Alt+G");
  await workbench.page.locator(".quick-input-list .monaco-list-row", { hasText: "drops data.i_mmap_lock inside" }).waitFor();
  await workbench.page.screenshot({ path: path.join(pictures, "walk-events.png") });
  await workbench.press("Escape");
  await goToEvent("starts the search", "starts the search for vmas of data over");
  await workbench.row("Call Stack", /unmap_mapping_range_tree|unmap_mapping_range_list/);
  const [, event] = /behind event (\d+)/i.exec(await workbench.row("Call Stack", /behind event/i));
  await status(`event ${event}/`);
  await workbench.command("Lockbreak: Go to Time");
  await until("the time at hand", async () => /[num]?s$/.test(await input.inputValue()));
  await input.fill("1 us");
  await workbench.press("Enter");
  await workbench.row("Call Stack", /◀.*at 1\.000/i);
  // Where the other task is in a system call, so that it could execute, too.
  await goToEvent("0x40048000-0x40050000", "unmaps 8 pages of viewer[0].V");
  await workbench.row("Call Stack", /◀.*behind event/i);
  const reader = workbench.pane("Call Stack").locator(".monaco-list-row", { hasText: /^reader/ });
  // The stack comes in after its thread, and shows its top again.
  await until("the other task in the Call Stack", async () => {
    await workbench.scrollDown("Call Stack");
    await workbench.settle();
    return reader.isVisible();
  });
  await reader.click({ button: "right" });
  const menuItem = workbench.page.getByRole("menuitem", { name: "Run This CPU Next" });
  await menuItem.hover();
  // A menu that has just opened takes no clicks.
  await workbench.page.waitForTimeout(500);
  await menuItem.click();
  await status("what-if");
  await workbench.page.screenshot({ path: path.join(pictures, "walk-branch.png") });
  await workbench.page.locator(".statusbar-item", { hasText: "what-if" }).click();
  await workbench.page.locator(".statusbar-item", { hasText: "what-if" }).waitFor({ state: "hidden" });
  await workbench.row("Call Stack", /back in the recorded execution/i);
  await stop(workbench);
  await workbench.press("F5");
  await workbench.row("Call Stack", /^truncate\(data, 64K\)/);
  await workbench.press("F5");
  await workbench.row("Call Stack", /lockbreak on data/i);
}

async function setKernelBreakpoints(workbench) {
  // Room for the breakpoints: a list has only the rows that can be seen.
  for (const pane of ["Variables", "Locks"]) await workbench.fold(pane);
  await workbench.clickRow("Call Stack", "vmtruncate");
  await workbench.clickGutter("yield* k.truncate_inode_pages(mapping");
  await workbench.clickRow("Call Stack", "unmap_mapping_range_tree");
  await workbench.clickGutter("let iter = new PrioTreeIter");
  for (const breakpoint of BREAKPOINTS) await workbench.row("Breakpoints", breakpoint);
  await stop(workbench);
  await until("the calm words of a view without a session", async () =>
    /appear here while a scenario is stopped/.test(await workbench.pane("VMAs").innerText()),
  );
}

async function breakpointsSurviveReload(workbench) {
  await workbench.reload();
  await workbench.openFile(SCENARIO);
  await workbench.press("Control+Shift+D");
  for (const breakpoint of BREAKPOINTS) await workbench.row("Breakpoints", breakpoint);
  await workbench.canDebug();
  await workbench.press("F5");
  await workbench.row("Call Stack", /^truncate\(data, 64K\)/);
  await workbench.press("F5");
  await workbench.row("Call Stack", /^unmap_mapping_range_tree/);
  if (await workbench.isUnfolded("Locks")) throw new Error("Locks, which was folded, has unfolded again.");
  await stop(workbench);
}

/** On another kernel the breakpoint in the first one's own file is not verified, and the others are hit as before. */
async function breakpointsSurviveKernel(workbench, file) {
  writeFileSync(file, readFileSync(file, "utf8").replace("kernel vmtrunc4", "kernel 2.6.9"));
  await workbench.openFile(SCENARIO);
  await workbench.line("kernel 2.6.9").waitFor();
  await workbench.press("F5");
  await workbench.press("Control+Shift+D");
  await workbench.row("Call Stack", /^truncate\(data, 64K\)/);
  const own = workbench.pane("Breakpoints").locator(".monaco-list-row", { hasText: "vmtrunc4" });
  await until("the breakpoint that is not in this kernel to turn grey", () => own.locator(".codicon-debug-breakpoint-unverified").count());
  await workbench.press("F5");
  await workbench.row("Call Stack", /^vmtruncate/);
  await stop(workbench);
}

/** From the CodeLens above a scenario to the page with the findings, and from there to the failure. */
async function exploreRace(workbench, pictures) {
  await workbench.openByName("K1-boundary.vmscn");
  await workbench.lens("Explore").click();
  await workbench.lens("breaks vmtrunc4").waitFor();
  const page = workbench.webview();
  await page.getByRole("heading", { name: /truncated-mapped/ }).waitFor();
  await workbench.page.screenshot({ path: path.join(pictures, "walk-explored.png") });
  await workbench.lens("Compare Runs").click();
  await workbench.page.locator(".tab", { hasText: "Compared K1-boundary.vmscn" }).waitFor();
  await until(
    "the comparison",
    async () =>
      await workbench.page.frames().reduce(
        async (found, frame) =>
          (await found) ||
          (await frame
            .getByRole("rowheader", { name: "lockbreaks" })
            .isVisible()
            .catch(() => false)),
        Promise.resolve(false),
      ),
  );
  await workbench.page.screenshot({ path: path.join(pictures, "walk-compared.png") });
  await workbench.page.locator(".tab", { hasText: "Explored K1-boundary.vmscn" }).click();
  await page.getByRole("link", { name: "Debug this schedule" }).click();
  await workbench.press("Control+Shift+D");
  await workbench.row("Call Stack", /BUG truncated-mapped/i);
  await workbench.page.screenshot({ path: path.join(pictures, "walk-failure.png") });
  await workbench.press("Control+F10");
  await workbench.row("Call Stack", /◀/);
  await workbench.press("Shift+F5");
  await workbench.page.locator(".debug-toolbar").waitFor({ state: "hidden" });
}

/** The shipped examples are copied to where the user wants them, and opened there. */
async function openExamples(workbench, parent) {
  mkdirSync(parent);
  await workbench.command("Lockbreak: Open Examples");
  const dialog = workbench.page.locator(".quick-input-widget", { hasText: "Where to put the folder" });
  const input = dialog.locator("input.input");
  // The dialog comes before the folder that it begins with, and goes to another only after a moment.
  await until("the dialog to have a folder", async () => (await input.inputValue()) !== "");
  await until("the dialog to have our folder", async () => {
    await input.fill(`${parent}/`);
    await workbench.settle();
    return (await input.inputValue()) === `${parent}/`;
  });
  await dialog.locator(".monaco-button", { hasText: "Put Examples Here" }).click();
  await workbench.page.waitForURL(/lockbreak-examples/);
  await workbench.ready();
  await workbench.openFile(SCENARIO);
  if (readdirSync(parent).join() !== "lockbreak-examples") throw new Error(`There is ${readdirSync(parent).join()}.`);
}

/** Ends the session. No error was shown. */
async function stop(workbench) {
  await workbench.press("Shift+F5");
  await workbench.page.locator(".debug-toolbar").waitFor({ state: "hidden" });
  await workbench.command("Debug Console: Focus on Debug Console View");
  await workbench.page.locator(".panel .repl").waitFor();
  await workbench.settle();
  const errors = await workbench.page.locator(".panel .repl .value.error").allInnerTexts();
  if (errors.length > 0) throw new Error(`The Debug Console says:\n${errors.join("\n")}`);
}
