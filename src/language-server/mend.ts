// Mends, before the grammar sees it, what can be told of a half-written text without one: brackets that are not closed,
// and lines that are no statements. The grammar's own recovery would take either for a reason to skip much of what
// follows. Unlike that of parseScenario this keeps what is unfinished: `V = mmap(data,` still declares V.

import { calls } from "../scenario/catalogue/index.ts";
import type { Token } from "../scenario/syntax/scan.ts";
import { beginsDeclaration, beginsStatement } from "../scenario/syntax/structure.ts";

const CLOSER: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const CLOSERS: ReadonlySet<string> = new Set(Object.values(CLOSER));

/** Words behind which an expression goes on, whatever the line. */
const INTRODUCERS = new Set(["let", "repeat", "every", "for", "if"]);

/** What begins the head of a block within a body. A block with another one loses its braces with it. */
const HAVE_BODIES = new Set(["repeat", "every", "if"]);

interface Bracket {
  readonly text: string;
  readonly hidden: boolean;
}

/** Sets what of each word is to be `shown`. Returns the closing brackets that have to be put behind some of them. */
export function mend(words: readonly Token[]): ReadonlyMap<Token, string> {
  const added = new Map<Token, string>();
  const open: Bracket[] = [];
  let takesStatements = false;
  let hiding = false;
  let headed = false;
  /** Closes the brackets above `level`, in front of word `i`. */
  const close = (level: number, i: number) => {
    const closers = open.splice(level).reverse().map(({ text, hidden }) => (hidden ? "" : CLOSER[text]!)).join("");
    if (closers !== "") added.set(words[i - 1]!, (added.get(words[i - 1]!) ?? "") + closers);
  };
  for (const [i, word] of words.entries()) {
    if (beginsDeclaration(words, i)) close(0, i);
    if (isNewStatement(words, i, 1)) hideDangling(words, i);
    const inner = open.findLastIndex(({ text }) => text === "{") + 1;
    if (isBrace(word) || isNewStatement(words, i, open.length - inner)) close(inner, i);
    if (word.first) hiding = inner > 0 && inner === open.length && takesStatements && word.kind === "word" && !beginsStatement(words, i) && !goesOn(words, i);
    if (HAVE_BODIES.has(word.text)) headed = true;
    if (word.text === "{" && inner > 0 && takesStatements && !headed) hiding = true;
    if (word.text === "{" && inner === 0) takesStatements = !["machine", "explore"].includes(words[i - 1]?.text ?? "");
    if (CLOSERS.has(word.text)) {
      // One too many is hidden, a wrong one taken for the right one.
      const bracket = word.text !== "}" && open.length === inner ? undefined : open.pop();
      word.shown = bracket === undefined || bracket.hidden ? "" : CLOSER[bracket.text]!;
    } else if (hiding) {
      word.shown = "";
    }
    if (CLOSER[word.text] !== undefined) open.push({ text: word.text, hidden: hiding });
    if (isBrace(word)) [hiding, headed] = [false, false];
  }
  close(0, words.length);
  return added;
}

/** Hides operators at the end of the statement before word `i`, which lack an operand. */
function hideDangling(words: readonly Token[], i: number): void {
  for (let j = i - 1; j >= 0 && words[j]!.kind === "symbol" && !/^[()[\]{}]$/.test(words[j]!.text); j--) words[j]!.shown = "";
}

/**
 * The beginnings of the words to leave out if the grammar stumbles over the one at `offset`: from there to the end of the
 * line; if a line or a block begins there, what is unfinished is before it.
 */
export function stumblingBlock(words: readonly Token[], offset: number): number[] {
  const at = words.findIndex((word) => word.start === offset);
  if (at < 0) return [];
  const isLine = (i: number) => words[i]!.first && !goesOn(words, i);
  let begin = at;
  if (words[at]!.text === "{" || (isLine(at) && words[at]!.kind === "word")) {
    while (begin > 0 && !isBrace(words[begin - 1]!) && (begin === at || !isLine(begin))) begin--;
  }
  let end = Math.max(at, begin + 1);
  if (begin === at) while (end < words.length && !isBrace(words[end]!) && !isLine(end)) end++;
  const block = words.slice(begin, end);
  // Heads of declarations are left to the grammar's own recovery: their bodies should not go with them.
  return block.some(isBrace) || beginsDeclaration(words, begin) ? [] : block.map((word) => word.start);
}

function isBrace({ text }: Token): boolean {
  return text === "{" || text === "}";
}

/** Does a statement begin with word `i`, although `brackets` of the one before may not be closed? */
export function isNewStatement(words: readonly Token[], i: number, brackets: number): boolean {
  if (!beginsStatement(words, i)) return false;
  return brackets === 0 || words[i + 1]?.text !== "(" || calls.has(words[i]!.text);
}

/** Does word `i`, the first on its line, belong to what stands before it? */
function goesOn(words: readonly Token[], i: number): boolean {
  const before = words[i - 1];
  if (before === undefined || words[i]!.text === "for" || INTRODUCERS.has(before.text)) return true;
  return before.kind === "symbol" && before.text !== "{" && !CLOSERS.has(before.text);
}
