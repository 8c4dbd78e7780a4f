// The adapter's worker for browsers, alone in a page: it must report uncaught errors.
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../tools/stage.mjs";
import { inTime } from "../waiting.mjs";

export async function webWorker(browser) {
  const code = readFileSync(path.join(root, "dist/debug-adapter-worker-web.js"), "utf8");
  const page = await browser.newPage();
  try {
    const said = await inTime(
      "a message of the worker",
      page.evaluate(
        (text) =>
          new Promise((resolve) => {
            const worker = new Worker(URL.createObjectURL(new Blob([text, "\nPromise.reject(new Error('nobody has caught it'));"])));
            worker.onmessage = ({ data }) => resolve(data);
            worker.onerror = ({ message }) => resolve({ type: "error", reason: message });
          }),
        code,
      ),
    );
    if (said.type !== "failed" || !said.reason.includes("nobody has caught it"))
      throw new Error(`The worker has said ${JSON.stringify(said)}.`);
  } finally {
    await page.close();
  }
}
