// Finds a Chromium, or installs Debian's where that is allowed.
import { existsSync } from "node:fs";
import { install } from "../../debian.mjs";
import { PATIENCE } from "../../waiting.mjs";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
// Without a network Chromium's own background traffic only costs time.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function find() {
  return [process.env.CHROMIUM, ...PLACES].find((file) => file !== undefined && existsSync(file));
}

/** The path of a Chromium. Throws one line that says what to do if there is none and none can be installed. */
export function chromium() {
  const present = find();
  if (present !== undefined) return present;
  install("chromium");
  const installed = find();
  if (installed === undefined)
    throw new Error("The tests in VS Code need Chromium: install it (apt-get install chromium), or name one in CHROMIUM.");
  return installed;
}

/** Starts a browser. Playwright is of the rig's own folder, so it is loaded only now. */
export async function launch() {
  const { chromium: driver } = await import("playwright-core");
  return driver.launch({ executablePath: chromium(), args: FLAGS, timeout: PATIENCE });
}
