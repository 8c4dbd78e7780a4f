// The README that ships with the extension, for its users: docs/extension.md, with sections of the project's own
// documents in the places that it names. What does not ship is not linked or shown. `node tools/readme.mjs` prints it.
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const root = path.resolve(import.meta.dirname, "..");
const PLACE = /^<!-- (\S+): (.+) -->$/gm;

/** The text of the README. Throws if a section that it names is gone. */
export function readme() {
  const text = read("docs/extension.md").replace(PLACE, (_place, file, heading) => section(file, heading));
  // Images, then links to files of the project: of those, the words stay.
  return text.replace(/^!\[[^\]]*\]\([^)]*\)\n\n?/gm, "").replace(/\[([^\]]+)\]\((?!https?:|#)[^)]*\)/g, "$1");
}

/** A section up to the next heading, with its own. */
function section(file, heading) {
  const sections = read(file).split(/^(?=#{1,2} )/m);
  const found = sections.find((one) => one.slice(one.indexOf(" ") + 1).startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`docs/extension.md: there is no section '${heading}' in ${file}.`);
  return found.trimEnd();
}

function read(file) {
  return readFileSync(path.join(root, file), "utf8");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.stdout.write(readme());
