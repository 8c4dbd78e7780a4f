// The page that shows what an exploration has found: plain data in, HTML out. It has no script: what can be clicked is a link to
// a command of the extension.

import type { ExploreFinding, ExploreResult, ExploreRow } from "../../debug-adapter/explore_messages.ts";

/** The commands that links of the page may run. */
export const PAGE_COMMANDS = ["lockbreak.debugSchedule", "lockbreak.copySchedule", "lockbreak.exploreScenario", "lockbreak.exploreAllKernels"];

export interface Page {
  readonly name: string;
  /** The address of the scenario. */
  readonly uri: string;
  readonly results: readonly ExploreResult[];
  /** The scenario is another one by now. */
  readonly outdated: boolean;
}

/** @param nonce an unguessable text that allows the page's own style and no other */
export function pageOf({ name, uri, results, outdated }: Page, nonce: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'">
<title>${escape(name)}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<h1>${escape(name)}</h1>
${outdated ? `<p role="status" class="outdated">The scenario has changed since. ${link("lockbreak.exploreScenario", [uri], "Explore it again")}</p>` : ""}
${results.length > 1 ? overview(results) : ""}
${results.map((result) => section(result, uri)).join("\n")}
${results.length === 1 ? `<p>${link("lockbreak.exploreAllKernels", [uri], "Explore on all kernels")}</p>` : ""}
</body>
</html>`;
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
  const { lines: [title = "", ...more], schedule, tasks, rows } = finding;
  return `<article>
<h3>${escape(title)}</h3>
${more.map((line) => `<p>${escape(line.trim())}</p>`).join("\n")}
<p class="actions">${link("lockbreak.debugSchedule", [uri, schedule], "Debug this schedule", "button")} ${link("lockbreak.copySchedule", [schedule], "Copy schedule")}</p>
<table class="story">
<caption>Who does what, from top to bottom. Selecting a step debugs this schedule up to it.</caption>
<thead><tr>${tasks.map((task) => `<th scope="col">${escape(task)}</th>`).join("")}</tr></thead>
<tbody>
${rows.map((row) => tableRow(row, finding, uri)).join("\n")}
</tbody>
</table>
</article>`;
}

function tableRow(row: ExploreRow, { tasks, schedule }: ExploreFinding, uri: string): string {
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

function link(command: string, args: readonly string[], text: string, kind = ""): string {
  const address = `command:${command}?${encodeURIComponent(JSON.stringify(args))}`;
  return `<a${kind === "" ? "" : ` class="${kind}"`} href="${escape(address)}">${escape(text)}</a>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const STYLE = `
body { padding: 0 1.5em 2em; color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family); }
h1 { font-size: 1.4em; font-weight: 600; }
h2 { font-size: 1.2em; font-weight: 600; margin-top: 1.6em; padding-bottom: .3em; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); }
h3 { font-size: 1.05em; font-weight: 600; }
p { max-width: 60em; }
.found { color: var(--vscode-testing-iconFailed, var(--vscode-errorForeground)); }
.clean { color: var(--vscode-testing-iconPassed, var(--vscode-charts-green)); }
.open { color: var(--vscode-testing-iconQueued, var(--vscode-charts-yellow)); }
.outdated { padding: .5em .8em; border-left: 3px solid var(--vscode-editorWarning-foreground); }
a { color: var(--vscode-textLink-foreground); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
a:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 1px; }
a.button { display: inline-block; padding: .35em .9em; margin-right: .8em; border-radius: 2px; color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
a.button:hover { background: var(--vscode-button-hoverBackground); text-decoration: none; }
a.step { color: inherit; }
table { border-collapse: collapse; text-align: left; }
caption { caption-side: bottom; text-align: left; padding-top: .4em; color: var(--vscode-descriptionForeground); }
th, td { padding: .15em 1em .15em .6em; vertical-align: top; }
thead th { border-bottom: 1px solid var(--vscode-editorWidget-border, var(--vscode-contrastBorder, currentColor)); }
.story { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
.story td + td, .story th + th { border-left: 1px solid var(--vscode-editorWidget-border, var(--vscode-contrastBorder, currentColor)); }
.switch td { color: var(--vscode-descriptionForeground); background: var(--vscode-textBlockQuote-background); font-style: italic; }
.cycle td { color: var(--vscode-editorWarning-foreground); }
.end td { color: var(--vscode-errorForeground); font-weight: 600; }
`;
