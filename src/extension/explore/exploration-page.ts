// The page that shows what an exploration has found.

import type { ExploreFinding, ExploreResult, Row, Story } from "../../debug-adapter/protocol/explore-messages.ts";
import { document, escape, link } from "./html.ts";

export interface Page {
  readonly name: string;
  /** The address of the scenario. */
  readonly uri: string;
  readonly results: readonly ExploreResult[];
  /** The scenario is another one by now. */
  readonly outdated: boolean;
}

export function explorationPage({ name, uri, results, outdated }: Page): string {
  return document(name, [
    outdated ? `<p role="status" class="outdated">The scenario has changed since. ${link("lockbreak.exploreScenario", [uri], "Explore it again")}</p>` : "",
    results.length > 1 ? overview(results) : "",
    ...results.map((result) => section(result, uri)),
    results.length === 1 ? `<p>${link("lockbreak.exploreAllKernels", [uri], "Explore on all kernels")}</p>` : "",
  ]);
}

const VERDICTS = { found: "✗ found", clean: "✓ clean", open: "? open" } as const;

function overview(results: readonly ExploreResult[]): string {
  const rows = results.map(({ kernel, verdict, findings, lines }) => {
    const what = findings.length > 0 ? findings.map((finding) => escape(finding.lines[0]!)).join("<br>") : escape(headline(lines));
    return `<tr><th scope="row"><a href="#${escape(kernel)}">${escape(kernel)}</a></th><td class="${verdict}">${VERDICTS[verdict]}</td><td>${what}</td></tr>`;
  });
  return `<table class="overview"><thead><tr><th scope="col">Kernel</th><th scope="col">Outcome</th><th scope="col"></th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

/** The first line says verdict and kernel again before the colon. */
function headline([first = ""]: readonly string[]): string {
  return first.slice(first.indexOf(": ") + 2);
}

function section({ kernel, verdict, lines, findings }: ExploreResult, uri: string): string {
  return `<section id="${escape(kernel)}" aria-label="${escape(kernel)}">
<h2>${escape(kernel)} <span class="${verdict}">${VERDICTS[verdict]}</span></h2>
${findings.map((finding) => article(finding, uri)).join("\n")}
<p>${escape(headline(lines))}</p>
<ul>${lines.slice(1).map((line) => `<li>${escape(line.trim())}</li>`).join("")}</ul>
</section>`;
}

function article(finding: ExploreFinding, uri: string): string {
  const { lines: [title = "", ...more], schedule, story: { tasks, rows } } = finding;
  return `<article>
<h3>${escape(title)}</h3>
${more.map((line) => `<p>${escape(line.trim())}</p>`).join("\n")}
<p class="actions">${link("lockbreak.debugSchedule", [uri, schedule], "Debug this schedule", "button")} ${link("lockbreak.copySchedule", [schedule], "Copy schedule")}</p>
<table class="story">
<caption>Who does what, from top to bottom. Selecting a step debugs this schedule up to it.</caption>
<thead><tr>${tasks.map((task) => `<th scope="col">${escape(task)}</th>`).join("")}</tr></thead>
<tbody>
${rows.map((row) => tableRow(row, tasks, schedule, uri)).join("\n")}
</tbody>
</table>
</article>`;
}

function tableRow(row: Row, tasks: Story["tasks"], schedule: string, uri: string): string {
  const whole = (kind: string, text: string): string => `<tr class="${kind}"><td colspan="${tasks.length}">${escape(text)}</td></tr>`;
  switch (row.kind) {
    case "step":
      return `<tr>${tasks.map((_, column) => `<td>${column === row.task ? link("lockbreak.debugSchedule", [uri, schedule, `step ${row.step}`], row.text, "step") : ""}</td>`).join("")}</tr>`;
    case "switch":
      return whole("switch", `switch to ${tasks[row.task]} (${row.why})`);
    case "cycle":
      return whole("cycle", "from here on the same comes again and again");
    case "end":
      return whole("end", row.text);
  }
}
