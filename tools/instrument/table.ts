// The site table as a module: written compactly, because every start of the command line loads it.
import type { Site } from "lockbreak:sites";

const STATEMENT = 0;
const CALL = 1;
const ENTRY = 2;

/** JavaScript of the virtual module `lockbreak:sites`, which exports the sites as sites.d.ts declares them. */
export function tableModule(sites: readonly Site[]): string {
  // [file, ["function parameter…", numbers…]…]…, five numbers a site; lines relative to the site before.
  const files: [string, ...[string, ...number[]][]][] = [];
  let line = 0;
  let previous: Site | undefined;
  for (const site of sites) {
    if (site.file !== previous?.file) files.push([site.file]);
    const file = files[files.length - 1] as [string, ...[string, ...number[]][]];
    if (site.file !== previous?.file || site.function !== previous.function) file.push([[site.function, ...site.parameters].join(" ")]);
    const flags = site.kind === "call" ? CALL : site.entry ? ENTRY : STATEMENT;
    (file[file.length - 1] as [string, ...number[]]).push(site.line - line, site.column, site.endLine - site.line, site.endColumn, flags);
    line = site.line;
    previous = site;
  }
  return `const sites = [];
let line = 0;
for (const [file, ...functions] of ${JSON.stringify(files)})
  for (const [head, ...n] of functions) {
    const [name, ...parameters] = head.split(" ");
    for (let i = 0; i < n.length; i += 5) {
      line += n[i];
      const kind = n[i + 4] === ${CALL} ? "call" : "statement";
      const entry = n[i + 4] === ${ENTRY};
      sites.push({ file, line, column: n[i + 1], endLine: line + n[i + 2], endColumn: n[i + 3], function: name, parameters, kind, entry });
    }
  }
export default sites;
`;
}
