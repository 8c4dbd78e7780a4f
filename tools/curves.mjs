// `node tools/curves.mjs [--check]`: puts into docs/compare.md the output of `lockbreak compare`, and draws how rescans grow with the
// number of vmas (docs/images/rescans.svg). With --check nothing is written: the exit code is 1 if something differs.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const VMAS = [1, 2, 4, 8, 16, 32, 64, 128];
const CURVES = [
  { kernel: "vmtrunc4", colour: "#d2553d" },
  { kernel: "2.6.9", colour: "#3d7dd2" },
];
/** The figures of an example, with the first histogram or without; lock_stat is left out. */
const FIGURES = /<!-- figures( and histogram)? of ([\w-]+) -->\n[^]*?<!-- end -->/g;

const folder = mkdtempSync(path.join(tmpdir(), "lockbreak-curves-"));

function compare(file, ...options) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["dist/cli.mjs", "compare", file, "--executions", "0", ...options], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`${file}: ${stderr}`);
  return stdout;
}

/** The scenario many-vmas with so many of them: figures by kernel. */
function withVmas(count) {
  const text = readFileSync(path.join(root, "examples/latency/many-vmas.vmscn"), "utf8")
    .replace("viewer * 32", `viewer * ${count}`)
    .replace("repeat 32", `repeat ${count}`);
  const file = path.join(folder, `vmas-${count}.vmscn`);
  writeFileSync(file, text);
  return new Map(JSON.parse(compare(file, "--json")).kernels.map((one) => [one.kernel, one]));
}

function figures(_, more = "", example) {
  const table = compare(`examples/latency/${example}.vmscn`)
    .split("\n\n")
    .slice(0, more === "" ? 1 : 2)
    .join("\n\n");
  return `<!-- figures${more} of ${example} -->\n\n${"```"}text\n${table}\n${"```"}\n\n<!-- end -->`;
}

function rescanTable(points) {
  const rows = points.map(({ count, kernels }) => {
    const [old, broken] = [kernels.get("2.6.9"), kernels.get("vmtrunc4")];
    const hold = (one) => (one.locks.find(({ lock }) => lock === "data.i_mmap_lock").hold.max / 1e3).toFixed(1);
    const times = [broken, old].flatMap((one) => [(one.time / 1e3).toFixed(1), hold(one)]);
    return `| ${[count, broken.summary.lockbreaks, broken.summary.vmas_skipped, ...times].join(" | ")} |`;
  });
  return [
    "<!-- rescans -->",
    "",
    "| vmas | lockbreaks | rescans | µs in all | µs held at most | µs in all, 2.6.9 | µs held at most, 2.6.9 |",
    "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
    "",
    "<!-- end -->",
  ].join("\n");
}

/** Both axes are logarithmic, so that a power is a straight line. */
function picture(points) {
  const [width, height, margin] = [560, 300, 50];
  const top = Math.max(...points.map(({ kernels }) => kernels.get("vmtrunc4").summary.vmas_skipped));
  const x = (count) => margin + ((width - 2 * margin) * Math.log2(count)) / Math.log2(VMAS.at(-1));
  const y = (rescans) => height - margin - ((height - 2 * margin) * Math.log2(Math.max(1, rescans))) / Math.log2(top);
  const text = (atX, atY, words, anchor = "middle") =>
    `<text x="${atX.toFixed(1)}" y="${atY.toFixed(1)}" text-anchor="${anchor}">${words}</text>`;
  const lines = CURVES.map(({ kernel, colour }) => {
    const place = points.map(({ count, kernels }) => `${x(count).toFixed(1)},${y(kernels.get(kernel).summary.vmas_skipped).toFixed(1)}`);
    return `<polyline points="${place.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  });
  const steps = [1, 4, 16, 64, 256, 1024, 4096, 16384].filter((step) => step <= top);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...steps.map((step) => {
      const atY = y(step).toFixed(1);
      const line = `<line x1="${margin}" x2="${width - margin}" y1="${atY}" y2="${atY}" stroke="#dddddd"/>`;
      return `${line}${text(margin - 6, y(step) + 4, step, "end")}`;
    }),
    ...VMAS.map((count) => text(x(count), height - margin + 16, count)),
    ...lines,
    text(width / 2, height - 14, "vmas"),
    text(margin, margin - 22, "rescans: vmtrunc4 (red), 2.6.9 (blue: none)", "start"),
    "</svg>",
  ].join("\n")}\n`;
}

try {
  const points = VMAS.map((count) => ({ count, kernels: withVmas(count) }));
  const document = path.join(root, "docs/compare.md");
  const text = readFileSync(document, "utf8")
    .replace(FIGURES, figures)
    .replace(/<!-- rescans -->\n[^]*?<!-- end -->/, rescanTable(points));
  const wanted = new Map([
    [document, text],
    [path.join(root, "docs/images/rescans.svg"), picture(points)],
  ]);
  for (const [file, content] of wanted) {
    if (!process.argv.includes("--check")) writeFileSync(file, content);
    else if (readFileSync(file, "utf8") !== content) {
      console.error(`${path.relative(root, file)} differs from what is measured: node tools/curves.mjs`);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
