// What the kernel's source files are called to clients, and which of them a client means.

import { normalize } from "../protocol/paths.ts";

/** The scheme under which the extension serves the kernel's sources. */
const KERNEL_SCHEME = "lockbreak-kernel:/";

/**
 * The kernel file that a client means by `pathOrUri`, or null. It may be named below a base of URIs, or as one of the
 * files shipped in `folder`.
 */
export function kernelFile(pathOrUri: string, base: string | undefined, folder: string | null): string | null {
  const path = normalize(pathOrUri);
  for (const start of [base, KERNEL_SCHEME]) {
    if (start !== undefined && path.startsWith(normalize(start))) return path.slice(normalize(start).length).replace(/^\/+/, "");
  }
  if (folder !== null && path.startsWith(`${normalize(folder)}/`)) return path.slice(normalize(folder).length + 1);
  return null;
}
