// Paths and URIs: which file a client means, and what a file is called to a client.

import { KERNEL_NAMES } from "../engine/kernel/kernels.ts";

/** The scheme under which the extension serves the kernel's sources. */
const KERNEL_SCHEME = "lockbreak-kernel:/";

/** One spelling for each file: URIs of files become paths, separators slashes, drive letters small. */
export function normalize(path_or_uri: string): string {
  let path = path_or_uri;
  if (/^[a-z][\w+.-]+:/i.test(path)) path = decode(path).replace(/^file:\/\/(?:localhost(?=\/))?/i, "");
  if (/^\/?[a-z]:[\\/]/i.test(path) || path.startsWith("\\\\")) path = path.replaceAll("\\", "/");
  return path.replace(/^\/?([a-z]):\//i, (_match, drive: string) => `${drive.toLowerCase()}:/`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A file as a client that wants URIs is told of it. */
export function to_uri(path: string): string {
  if (/^[a-z][\w+.-]+:/i.test(path)) return path;
  const slashed = path.replaceAll("\\", "/");
  return `file://${slashed.startsWith("/") ? "" : "/"}${slashed.split("/").map(encodeURIComponent).join("/").replace(/%3A/gi, ":")}`;
}

/** The last part of a path or URI. */
export function base_name(path_or_uri: string): string {
  return normalize(path_or_uri).split("/").at(-1) || path_or_uri;
}

/** Where a kernel file is below the base of kernel sources: what all kernels have in common has a folder of its own there. */
export function below_base(file: string): string {
  return is_variant(file) ? file : `common/${file}`;
}

function is_variant(file: string): boolean {
  return KERNEL_NAMES.some((name) => file.startsWith(`${name}/`));
}

/**
 * The kernel file that a client means by `path_or_uri`, or null. It may be named below a base of URIs, or as one of the
 * files shipped in `folder`.
 */
export function kernel_file(path_or_uri: string, base: string | undefined, folder: string | null): string | null {
  const path = normalize(path_or_uri);
  for (const start of [base, KERNEL_SCHEME]) {
    if (start !== undefined && path.startsWith(normalize(start))) return path.slice(normalize(start).length).replace(/^\/*(?:common\/)?/, "");
  }
  if (folder !== null && path.startsWith(`${normalize(folder)}/`)) return path.slice(normalize(folder).length + 1);
  return null;
}
