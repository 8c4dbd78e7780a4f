// The esbuild plugin that serves the texts of the kernel's sources as `lockbreak:kernel-sources`, for clients of the
// debug adapter that cannot open the files themselves.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** @param {string} folder the sources; texts are named by their paths below it */
export function kernelSourcesPlugin(folder) {
  return {
    name: "kernel-sources",
    setup(build) {
      build.onResolve({ filter: /^lockbreak:kernel-sources$/ }, () => ({ path: "kernel-sources", namespace: "lockbreak" }));
      build.onLoad({ filter: /^kernel-sources$/, namespace: "lockbreak" }, () => ({ contents: JSON.stringify(texts(folder)), loader: "json" }));
    },
  };
}

function texts(folder) {
  const files = readdirSync(folder, { recursive: true }).map(String).filter((file) => file.endsWith(".ts")).sort();
  return Object.fromEntries(files.map((file) => [file.split(path.sep).join("/"), readFileSync(path.join(folder, file), "utf8")]));
}
