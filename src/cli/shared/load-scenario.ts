// Loads scenario files. Directories, unreadable files, and files that are too large are refused before they are read.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import path from "node:path";
import { parseScenario, type ParseOptions, type Diagnostic, type Program } from "../../scenario/index.ts";
import { splitLines } from "../../scenario/program/source-excerpt.ts";
import { cliErrors, UserError } from "./errors.ts";
import { formatSize } from "./format.ts";

/** Bytes of a scenario file; the language has limits of its own below that. */
const MAX_FILE = 4 * 1024 ** 2;

export interface LoadedScenario {
  /** As the user named it. */
  readonly file: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Absent if a diagnostic is an error. */
  readonly program?: Program;
}

/**
 * Reads and checks a scenario, for `kernel` to run it if it is given; it may need `memory` bytes. Throws a UserError if it
 * cannot be read.
 */
export function loadScenario(file: string, options: ParseOptions): LoadedScenario {
  const text = readFile(file);
  const { program, diagnostics } = parseScenario(text, path.basename(file), options);
  return { file, text, lines: splitLines(text), diagnostics, ...(program === undefined ? {} : { program }) };
}

/** One line of the form that editors and build tools recognise. */
export function formatDiagnostic(file: string, { range, severity, code, message }: Diagnostic): string {
  return `${file}:${range.line}:${range.column}: ${severity} ${code}: ${message}`;
}

function readFile(file: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) throw cliErrors.isDirectory(file);
    if (stat.size > MAX_FILE) throw cliErrors.tooLarge(file, `${Math.round(stat.size / 1024 ** 2)}M`, formatSize(MAX_FILE));
    return readBounded(descriptor, file);
  } catch (error) {
    throw error instanceof UserError ? error : fileError(file, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Pipes and devices do not tell their size: they are read up to the limit. */
function readBounded(descriptor: number, file: string): string {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const chunk = Buffer.alloc(64 * 1024);
    const bytes = readSync(descriptor, chunk);
    if (bytes === 0) return Buffer.concat(chunks).toString("utf8");
    chunks.push(chunk.subarray(0, bytes));
    if ((size += bytes) > MAX_FILE) throw cliErrors.tooLarge(file, "it does not end", formatSize(MAX_FILE));
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "you have no permission to",
  EPERM: "you have no permission to",
  EIO: "reading fails (EIO)",
  ELOOP: "it is a symbolic link to itself",
  EMFILE: "too many files are open",
  ENXIO: "it is a device or socket",
};

function fileError(file: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG") return cliErrors.noSuchFile(file);
  if (code === "EISDIR") return cliErrors.isDirectory(file);
  return cliErrors.unreadable(file, REASONS[code] ?? code);
}
