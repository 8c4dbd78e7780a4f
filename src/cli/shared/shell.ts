// Quoting for command lines that users can copy.

/** Quotes a word for a shell, if necessary. */
export function shellWord(text: string): string {
  return /^[\w./=:,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
