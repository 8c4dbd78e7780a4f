// The adapter's worker for browsers, alone in a page: it must report uncaught errors.
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../tools/stage.mjs";
import { inTime } from "../waiting.mjs";

export async function webWorker(browser) {
  const code = readFileSync(path.join(root, "dist/debug-adapter-worker-web.js"), "utf8");
  const page = await browser.newPage();
  try {
    const message = await inTime(
      "a message of the worker",
      page.evaluate(
        (text) =>
          new Promise((resolve) => {
            const worker = new Worker(URL.createObjectURL(new Blob([text, "\nPromise.reject(new Error('uncaught error'));"])));
            worker.onmessage = ({ data }) => resolve(data);
            worker.onerror = (event) => resolve({ type: "error", reason: event.message });
          }),
        code,
      ),
    );
    if (message.type !== "failed" || !message.reason.includes("uncaught error"))
      throw new Error(`The worker has sent ${JSON.stringify(message)}.`);
  } finally {
    await page.close();
  }
}
