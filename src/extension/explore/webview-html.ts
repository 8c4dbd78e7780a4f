// The HTML of the webviews. They have no scripts: what can be clicked is a command link of the extension.

/** The commands that links of webviews may run. */
export const PAGE_COMMANDS = [
  "lockbreak.debugSchedule",
  "lockbreak.copySchedule",
  "lockbreak.exploreScenario",
  "lockbreak.exploreAllKernels",
  "lockbreak.compareRuns",
];

/** A whole page about the scenario called `name`. */
export function htmlDocument(name: string, parts: readonly string[]): string {
  // Unguessable, so that the page's own style is allowed, and no other.
  const nonce = crypto.randomUUID();
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'">
<title>${escapeHtml(name)}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(name)}</h1>
${parts.join("\n")}
</body>
</html>`;
}

/** @param kind a class of the page's style */
export function commandLink(command: string, args: readonly string[], text: string, kind = ""): string {
  const href = `command:${command}?${encodeURIComponent(JSON.stringify(args))}`;
  return `<a${kind === "" ? "" : ` class="${kind}"`} href="${escapeHtml(href)}">${escapeHtml(text)}</a>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const WIDGET_BORDER = "var(--vscode-widget-border, var(--vscode-contrastBorder, transparent))";
const BUTTON_COLOURS = "color: var(--vscode-button-foreground); background: var(--vscode-button-background);";

const STYLE = `
body { padding: 0 1.5em 2em; color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family); }
h1 { font-size: 1.4em; font-weight: 600; }
h2 { font-size: 1.2em; font-weight: 600; margin-top: 1.6em; padding-bottom: .3em; border-bottom: 1px solid ${WIDGET_BORDER}; }
h3 { font-size: 1.05em; font-weight: 600; }
p { max-width: 60em; }
.found { color: var(--vscode-testing-iconFailed, var(--vscode-errorForeground)); }
.clean { color: var(--vscode-testing-iconPassed, var(--vscode-charts-green)); }
.open { color: var(--vscode-testing-iconQueued, var(--vscode-charts-yellow)); }
.outdated { padding: .5em .8em; border-left: 3px solid var(--vscode-editorWarning-foreground); }
a { color: var(--vscode-textLink-foreground); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
a:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 1px; }
a.button { display: inline-block; padding: .35em .9em; margin-right: .8em; border-radius: 2px; ${BUTTON_COLOURS} }
a.button:hover { background: var(--vscode-button-hoverBackground); text-decoration: none; }
a.step { color: inherit; }
table { border-collapse: collapse; text-align: left; }
caption { caption-side: bottom; text-align: left; padding-top: .4em; color: var(--vscode-descriptionForeground); }
th, td { padding: .15em 1em .15em .6em; vertical-align: top; }
thead th { border-bottom: 1px solid var(--vscode-editorWidget-border, var(--vscode-contrastBorder, currentColor)); }
.trace { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
.trace td + td, .trace th + th { border-left: 1px solid var(--vscode-editorWidget-border, var(--vscode-contrastBorder, currentColor)); }
.switch td { color: var(--vscode-descriptionForeground); background: var(--vscode-textBlockQuote-background); font-style: italic; }
.cycle td { color: var(--vscode-editorWarning-foreground); }
.end td { color: var(--vscode-errorForeground); font-weight: 600; }
.comparison td, .comparison thead th { text-align: right; white-space: nowrap; }
.comparison thead th:first-child { text-align: left; }
.comparison tbody th { font-weight: normal; text-align: left; white-space: nowrap; }
.comparison tbody th.part { padding-left: 2em; color: var(--vscode-descriptionForeground); }
.comparison thead th { position: sticky; top: 0; background: var(--vscode-editor-background); }
.comparison tbody tr:hover { background: var(--vscode-list-hoverBackground); }
td.bar { text-align: left; }
rect { fill: var(--vscode-charts-blue); }
`;
