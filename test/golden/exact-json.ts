// JSON whose integers go beyond 2^53: those of more than 15 digits become bigints, everything else is as usual.

export type ExactJson = null | boolean | number | bigint | string | ExactJson[] | { [key: string]: ExactJson };

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const LONG_INTEGER = /^-?\d{16,}$/;
/** Marks a string that stands for a bigint; JSON text cannot contain the character other than escaped. */
const MARK = "\u0000";

/** Parses JSON text. Throws a SyntaxError like JSON.parse. */
export function parseExactJson(text: string): ExactJson {
  const marked = text.replace(STRING_OR_NUMBER, (token) => (LONG_INTEGER.test(token) ? `"\\u0000${token}"` : token));
  return JSON.parse(marked, (_key, value: ExactJson) =>
    typeof value === "string" && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value,
  ) as ExactJson;
}
