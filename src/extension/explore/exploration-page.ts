// The webview page that shows the results of an exploration.

import type { ExploreFinding, ExploreResult, TraceTableRow, TraceTable } from "../../debug-adapter/protocol/explore-messages.ts";
import { htmlDocument, escapeHtml, commandLink } from "./webview-html.ts";

export interface ExplorationPageContent {
  readonly name: string;
  /** The URI of the scenario. */
  readonly uri: string;
  readonly results: readonly ExploreResult[];
  /** The text of the scenario has changed since. */
  readonly outdated: boolean;
}

export function explorationPage({ name, uri, results, outdated }: ExplorationPageContent): string {
  return htmlDocument(name, [
    outdated ? outdatedNotice(uri) : "",
    results.length > 1 ? overview(results) : "",
    ...results.map((result) => section(result, uri)),
    results.length === 1 ? `<p>${commandLink("lockbreak.exploreAllKernels", [uri], "Explore on all kernels")}</p>` : "",
  ]);
}

function outdatedNotice(uri: string): string {
  const again = commandLink("lockbreak.exploreScenario", [uri], "Explore it again");
  return `<p role="status" class="outdated">The scenario has changed since. ${again}</p>`;
}

const VERDICTS = { found: "✗ found", clean: "✓ clean", open: "? open" } as const;

function overview(results: readonly ExploreResult[]): string {
  const rows = results.map(({ kernel, verdict, findings, lines }) => {
    const what = findings.length > 0 ? findings.map((finding) => escapeHtml(finding.lines[0]!)).join("<br>") : escapeHtml(headline(lines));
    const name = `<th scope="row"><a href="#${escapeHtml(kernel)}">${escapeHtml(kernel)}</a></th>`;
    return `<tr>${name}<td class="${verdict}">${VERDICTS[verdict]}</td><td>${what}</td></tr>`;
  });
  const titles = '<tr><th scope="col">Kernel</th><th scope="col">Outcome</th><th scope="col"></th></tr>';
  return `<table class="overview"><thead>${titles}</thead><tbody>${rows.join("")}</tbody></table>`;
}

/** The first line without the verdict and the kernel, which stand before the colon. */
function headline([first = ""]: readonly string[]): string {
  return first.slice(first.indexOf(": ") + 2);
}

function section({ kernel, verdict, lines, findings }: ExploreResult, uri: string): string {
  return `<section id="${escapeHtml(kernel)}" aria-label="${escapeHtml(kernel)}">
<h2>${escapeHtml(kernel)} <span class="${verdict}">${VERDICTS[verdict]}</span></h2>
${findings.map((finding) => article(finding, uri)).join("\n")}
<p>${escapeHtml(headline(lines))}</p>
<ul>${lines
    .slice(1)
    .map((line) => `<li>${escapeHtml(line.trim())}</li>`)
    .join("")}</ul>
</section>`;
}

function article(finding: ExploreFinding, uri: string): string {
  const {
    lines: [title = "", ...more],
    schedule,
    traceTable: { tasks, rows },
  } = finding;
  const debug = commandLink("lockbreak.debugSchedule", [uri, schedule], "Debug this schedule", "button");
  const copy = commandLink("lockbreak.copySchedule", [schedule], "Copy schedule");
  return `<article>
<h3>${escapeHtml(title)}</h3>
${more.map((line) => `<p>${escapeHtml(line.trim())}</p>`).join("\n")}
<p class="actions">${debug} ${copy}</p>
<table class="trace">
<caption>What each task does, from top to bottom. Selecting a step debugs this schedule up to it.</caption>
<thead><tr>${tasks.map((task) => `<th scope="col">${escapeHtml(task)}</th>`).join("")}</tr></thead>
<tbody>
${rows.map((row) => tableRow(row, tasks, schedule, uri)).join("\n")}
</tbody>
</table>
</article>`;
}

function tableRow(row: TraceTableRow, tasks: TraceTable["tasks"], schedule: string, uri: string): string {
  const fullRow = (kind: string, text: string): string => `<tr class="${kind}"><td colspan="${tasks.length}">${escapeHtml(text)}</td></tr>`;
  switch (row.kind) {
    case "step": {
      const step = commandLink("lockbreak.debugSchedule", [uri, schedule, `step ${row.step}`], row.text, "step");
      return `<tr>${tasks.map((_, column) => `<td>${column === row.task ? step : ""}</td>`).join("")}</tr>`;
    }
    case "switch":
      return fullRow("switch", `switch to ${tasks[row.task]} (${row.reason})`);
    case "cycle":
      return fullRow("cycle", "cycle: the following is repeated for ever");
    case "end":
      return fullRow("end", row.text);
  }
}
