// The expressions to evaluate in a kernel source or a scenario: under the mouse pointer, and for inline values.
// Works on text alone, so that it can be tested without an editor.

/** A range of one line, columns from 0, the end exclusive. */
export interface LineRange {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const MEMBER_CHAIN = /[A-Za-z_]\w*(?:(?:->|\?\.|!?\.(?!\.))[A-Za-z_]\w*|\[\w+\])*/g;
const MAX_LINES = 400;
const MAX_VALUES = 100;

const NOT_A_VALUE = new Set(
  [
    "as break case const continue do else export false for from function if import in instanceof let new null of",
    "return switch this throw true typeof undefined void while yield",
  ].flatMap((words) => words.split(" ")),
);

/**
 * The expression around `column`: from the start of the chain up to the end of the name that is pointed at, so
 * `details->restart_vma->vm_start` is `details->restart_vma` under the second name. Null on anything but a name, on a
 * word of the language, and on a called function.
 */
export function expressionAt(line: string, column: number): LineRange | null {
  if (isComment(line, column)) return null;
  for (const match of line.matchAll(MEMBER_CHAIN)) {
    const start = match.index;
    if (column < start || column >= start + match[0].length) continue;
    // To the end of the name, or of the index, that is pointed at.
    const end = column + /^\w*\]?/.exec(line.slice(column))![0].length;
    const text = line.slice(start, end);
    if (end === column || NOT_A_VALUE.has(text) || line[end] === "(") return null;
    return { text: text.replaceAll("!", "").replaceAll("?.", "."), start, end };
  }
  return null;
}

function isComment(line: string, column: number): boolean {
  const comment = line.indexOf("//");
  return (comment >= 0 && comment <= column) || /^\s*(\/\*|\*)/.test(line);
}

/** A value to show beside a line: a local by name, or an expression to evaluate. */
export interface InlineExpression extends LineRange {
  readonly line: number;
  readonly local: boolean;
}

/**
 * The values to show for a stop in line `stopped` (lines from 0): the locals and the fields of locals that the running
 * function names from its head down to the current statement, each once a line.
 */
export function inlineExpressions(lineAt: (line: number) => string, stopped: number): InlineExpression[] {
  const head = functionHead(lineAt, stopped);
  if (head === null) return [];
  const lines = Array.from({ length: stopped - head + 1 }, (_, i) => lineAt(head + i));
  const locals = declaredNames(lines);
  const values: InlineExpression[] = [];
  lines.forEach((text, i) => {
    const seen = new Set<string>();
    for (const { 0: match, index } of text.matchAll(MEMBER_CHAIN)) {
      const end = index + match.length;
      const root = /^\w+/.exec(match)![0];
      if (!locals.has(root) || isComment(text, index) || text[index - 1] === "." || (text[end] === "(" && match === root)) continue;
      // A call on a local is no value; what is left of its last dot is.
      const chain = (text[end] === "(" ? match.replace(/(->|\?\.|\.)\w+$/, "") : match).replaceAll("!", "").replaceAll("?.", ".");
      if (seen.has(chain)) continue;
      seen.add(chain);
      values.push({ line: head + i, text: chain, start: index, end, local: chain === root });
    }
  });
  return values.slice(-MAX_VALUES);
}

/** The line with the head of the function that `line` is in; null if it is in none. */
function functionHead(lineAt: (line: number) => string, line: number): number | null {
  for (let at = line; at >= 0 && at > line - MAX_LINES; at -= 1) {
    if (/^(?:export )?function\b/.test(lineAt(at))) return at;
    if (at < line && lineAt(at) === "}") return null;
  }
  return null;
}

/** The parameters and variables declared in the lines of a function, the first line being its head. */
function declaredNames(lines: readonly string[]): Set<string> {
  const names = new Set<string>();
  const open = lines.findIndex((line) => line.trimEnd().endsWith("{"));
  const head = lines.slice(0, open < 0 ? 1 : open + 1).join(" ");
  for (const match of head.matchAll(/([A-Za-z_]\w*)\??:/g)) names.add(match[1]!);
  for (const line of lines) {
    for (const match of line.matchAll(/\b(?:const|let) ([A-Za-z_]\w*)/g)) names.add(match[1]!);
    for (const match of line.matchAll(/\b(?:const|let) \{([^}]*)\}/g))
      for (const name of match[1]!.split(",")) names.add(name.split(":").at(-1)!.trim());
  }
  return names;
}
