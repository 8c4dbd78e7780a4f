// The webview page that shows kernels side by side.

import type { Comparison, Histogram } from "../../debug-adapter/protocol/explore-messages.ts";
import { htmlDocument, escapeHtml, commandLink } from "./webview-html.ts";

/** Pixels of the longest bar of a histogram. */
const BAR = 80;

export function comparisonPage(name: string, uri: string, { kernels, rows, histograms, lock_stat }: Comparison): string {
  return htmlDocument(name, [
    `<p>One run on each kernel. Times are model time. ${commandLink("lockbreak.compareRuns", [uri], "Compare again")}</p>`,
    table(
      "",
      kernels,
      rows.map(([first, ...cells]) =>
        row(
          first!,
          cells.map((cell) => `<td>${escapeHtml(cell)}</td>`),
        ),
      ),
    ),
    ...histograms.map((histogram) => `<h2>${escapeHtml(histogram.name)}</h2>${bars(kernels, histogram)}`),
    "<h2>/proc/lock_stat</h2>",
    ...kernels.map((kernel, at) => {
      const [head = [], ...locks] = lock_stat[at]!;
      return `<h3>${escapeHtml(kernel)}</h3>${table(
        head[0] ?? "",
        head.slice(1),
        locks.map(([lock, ...cells]) =>
          row(
            lock!,
            cells.map((cell) => `<td>${escapeHtml(cell)}</td>`),
          ),
        ),
      )}`;
    }),
  ]);
}

function table(corner: string, heads: readonly string[], rows: readonly string[]): string {
  const names = [corner, ...heads].map((head) => `<th scope="col">${escapeHtml(head)}</th>`).join("");
  return `<table class="comparison"><thead><tr>${names}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

/** A name that begins with a blank belongs to the row before. */
function row(name: string, cells: readonly string[]): string {
  return `<tr><th scope="row"${name.startsWith(" ") ? ' class="part"' : ""}>${escapeHtml(name.trim())}</th>${cells.join("")}</tr>`;
}

function bars(kernels: readonly string[], { steps }: Histogram): string {
  const rows = steps.map(({ upTo, counts, shares }) =>
    row(
      `up to ${upTo}`,
      counts.map((count, column) => bar(count, shares[column]!)),
    ),
  );
  return table("", kernels, rows);
}

function bar(count: number, share: number): string {
  if (count === 0) return '<td class="bar"></td>';
  const length = Math.max(2, Math.round(BAR * share));
  const picture = `<svg width="${BAR}" height="10" aria-hidden="true"><rect width="${length}" height="10"/></svg>`;
  return `<td class="bar">${picture} ${count.toLocaleString("en")}</td>`;
}
