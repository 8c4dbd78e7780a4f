// The esbuild plugin that puts the texts of files into a bundle, as the default export of `lockbreak:NAME`: an object of
// texts by path. A browser's extension host cannot list folders, and clients of the debug adapter may see no files at all.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** @param {Record<string, { folder: string, ending: string }>} parts by NAME: which files; texts are named by their paths below `folder` */
export function textsPlugin(parts) {
  return {
    name: "texts",
    setup(build) {
      for (const [name, part] of Object.entries(parts)) {
        build.onResolve({ filter: new RegExp(`^lockbreak:${name}$`) }, () => ({ path: name, namespace: "lockbreak" }));
        build.onLoad({ filter: new RegExp(`^${name}$`), namespace: "lockbreak" }, () => ({
          contents: JSON.stringify(texts(part)),
          loader: "json",
        }));
      }
    },
  };
}

function texts({ folder, ending }) {
  const files = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith(ending))
    .sort();
  return Object.fromEntries(files.map((file) => [file.split(path.sep).join("/"), readFileSync(path.join(folder, file), "utf8")]));
}
