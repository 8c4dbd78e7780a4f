// Paths and URIs of files: the spellings of clients, and a normalized one.

/** One spelling for each file: URIs of files become paths, separators slashes, drive letters small. */
export function normalize(pathOrUri: string): string {
  let path = pathOrUri;
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

/** The URI of a file, for clients that want URIs. */
export function toUri(path: string): string {
  if (/^[a-z][\w+.-]+:/i.test(path)) return path;
  const slashed = path.replaceAll("\\", "/");
  return `file://${slashed.startsWith("/") ? "" : "/"}${slashed.split("/").map(encodeURIComponent).join("/").replace(/%3A/gi, ":")}`;
}

/** The last part of a path or URI. */
export function baseName(pathOrUri: string): string {
  return normalize(pathOrUri).split("/").at(-1) || pathOrUri;
}
