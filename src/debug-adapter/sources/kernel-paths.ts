// The names of the kernel's source files for clients.

import { normalize } from "../protocol/paths.ts";

/** The scheme under which the extension serves the kernel's sources. */
const KERNEL_SCHEME = "lockbreak-kernel:/";

/**
 * The kernel file that a client names by `pathOrUri`, or null. It may be below a base of URIs, or one of the files that are
 * shipped in `folder`.
 */
export function kernelFile(pathOrUri: string, base: string | undefined, folder: string | null): string | null {
  const path = normalize(pathOrUri);
  for (const start of [base, KERNEL_SCHEME]) {
    if (start !== undefined && path.startsWith(normalize(start))) return path.slice(normalize(start).length).replace(/^\/+/, "");
  }
  if (folder !== null && path.startsWith(`${normalize(folder)}/`)) return path.slice(normalize(folder).length + 1);
  return null;
}
