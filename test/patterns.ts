// Long regular expressions of several parts.

/** Matches what matches the parts one directly after the other. */
export function sequence(...parts: readonly RegExp[]): RegExp {
  return new RegExp(parts.map(({ source }) => source).join(""));
}
