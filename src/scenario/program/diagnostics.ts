// Every mistake a scenario can contain, in one table: a stable code, a severity, and the sentence a person reads, which
// says what is wrong and what to do about it. docs/language.md lists the codes; a test compares the two.

import type { Range } from "./program.ts";

export type Severity = "error" | "warning" | "information";

/** A mend that is almost certainly right: replace the diagnostic's range by `text`. */
export interface Fix {
  readonly title: string;
  readonly text: string;
}

export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly range: Range;
  readonly fix?: Fix;
}

/** One mistake, without its place. */
export interface Problem {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly fix?: Fix;
}

/** A kind of mistake: call it with what the sentence needs. */
interface Rule<A extends readonly unknown[]> {
  (...args: A): Problem;
  readonly code: string;
  readonly severity: Severity;
  /** A few words for the table in the documentation. */
  readonly title: string;
}

function rule<A extends readonly unknown[]>(code: string, severity: Severity, title: string, message: (...args: A) => string): Rule<A> {
  return Object.assign((...args: A): Problem => ({ code, severity, message: message(...args) }), { code, severity, title });
}

/** A rule for an unknown word: with a near known one, the message asks for it and the fix puts it in. */
function unknown(code: string, title: string, message: (word: string, known: string) => string): Rule<[word: string, known: string, near: string | undefined]> {
  const make = (word: string, known: string, near: string | undefined): Problem => ({
    code,
    severity: "error",
    message: message(quote(word), known) + (near === undefined ? "" : ` Did you mean ${quote(near)}?`),
    ...(near === undefined ? {} : { fix: { title: `Change to ${quote(near)}`, text: near } }),
  });
  return Object.assign(make, { code, severity: "error" as const, title });
}

/** A word of the scenario as it is shown in messages; long ones are cut. */
export function quote(word: string): string {
  return `'${word.length > 60 ? word.slice(0, 57) + "..." : word}'`;
}

export const problems = {
  // The text as a whole
  tooLarge: rule("VMSCN001", "error", "text too large", (size: number, what: string, limit: number) => `The scenario has ${size} ${what}; at most ${limit} are read. Use 'repeat' and process arrays, or split it.`),
  binary: rule("VMSCN002", "error", "not a text", () => "This is not a text: it contains NUL characters. A scenario is a plain text file."),
  badCharacter: rule("VMSCN003", "error", "unexpected character", (text: string) => (text === ";" ? "Statements are not separated by ';': remove it." : `The character ${quote(text)} has no meaning here: remove it.`)),
  openText: rule("VMSCN004", "error", "text literal not closed", () => "This text is not closed on its line: add the missing '\"'."),
  openComment: rule("VMSCN005", "error", "comment not closed", () => "This comment is never closed: add '*/'."),
  badName: rule("VMSCN006", "error", "name with other than ASCII letters", (text: string) => `${quote(text)} is not a name: names consist of ASCII letters, digits and '_'.`),
  singleQuotes: rule("VMSCN007", "error", "single quotes", () => "Texts are written in double quotes."),
  tooComplex: rule("VMSCN008", "error", "nested too deeply or too long an expression", (limit: string) => `This is too complex: ${limit}. Name parts of it with 'let', or split it.`),

  // Structure
  syntax: rule("VMSCN010", "error", "syntax", (expected: string, found: string, form: string) => `Expected ${expected}, found ${found}.${form === "" ? "" : ` Write: ${form}`}`),
  openBracket: rule("VMSCN011", "error", "bracket not closed", (opener: string, closer: string) => `This '${opener}' is never closed: add '${closer}'.`),
  strayBracket: rule("VMSCN012", "error", "bracket without a beginning", (closer: string) => `This '${closer}' closes nothing: remove it.`),
  wrongBracket: rule("VMSCN013", "error", "wrong closing bracket", (found: string, expected: string) => `'${found}' closes nothing here: '${expected}' is meant.`),
  unknownDeclaration: unknown("VMSCN014", "unknown declaration", (word) => `${word} begins no declaration. There are kernel, machine, file, process, task, on, force, check and expect.`),
  moreMistakes: rule("VMSCN015", "information", "further mistakes not looked for", () => "There may be further mistakes: they are looked for once those reported are mended."),

  // Literals
  unknownUnit: unknown("VMSCN020", "unknown unit", (unit) => `${unit} is not a unit. Sizes take K, M, G or pages, times take ns, us, ms or s.`),
  fraction: rule("VMSCN021", "error", "number with a fraction", (text: string) => `${quote(text)} has a fraction: numbers are whole. Use a smaller unit, 1500us for 1.5ms.`),
  badNumber: rule("VMSCN022", "error", "malformed number", (text: string) => `${quote(text)} is not a number. Numbers are decimal (64M, 1_000) or hexadecimal (0x4000_0000).`),
  numberTooLarge: rule("VMSCN023", "error", "number too large", (text: string) => `${quote(text)} is too large: numbers are exact up to 2^53.`),

  // Names
  unknownName: unknown("VMSCN030", "unknown name", (word, where) => `${word} is not known ${where}.`),
  duplicate: rule("VMSCN031", "error", "declared twice", (what: string, name: string, line: number) => `${what} ${quote(name)} is already declared on line ${line}: choose another name.`),
  unknownCall: unknown("VMSCN032", "unknown call or function", (word, what) => `There is no ${what} ${word}.`),
  unknownParameter: unknown("VMSCN033", "unknown parameter", (word, form) => `${word} is not a parameter here. Write: ${form}`),
  unknownEvent: unknown("VMSCN034", "unknown event", (word) => `There is no event ${word}.`),
  unknownKernel: unknown("VMSCN035", "unknown kernel", (word, known) => `There is no kernel ${word}. There are ${known}.`),
  unknownSetting: unknown("VMSCN036", "unknown setting", (word, known) => `There is no setting ${word} here. There are ${known}${known.includes("cpus") ? ", and cost NAME" : ""}.`),
  unknownValue: unknown("VMSCN037", "unknown value of a setting", (word, known) => `${word} is not a value of this setting: ${known}.`),
  unknownCost: unknown("VMSCN038", "unknown cost", (word) => `The cost table has no ${word}.`),
  unknownField: unknown("VMSCN039", "unknown field", (word, owner) => `${owner} has no field ${word}.`),
  unknownFlag: unknown("VMSCN040", "unknown flag", (word, known) => `${word} is not a flag here: ${known}.`),
  unknownForce: unknown("VMSCN041", "not a check that can be forced", (word) => `${word} cannot be forced: need_resched and need_lockbreak can.`),
  unknownBug: unknown("VMSCN049", "unknown finding", (word) => `No check of the kernel reports ${word}: docs/checks.md lists the codes.`),
  reservedName: rule("VMSCN042", "error", "reserved name", (name: string) => `${quote(name)} has a meaning of its own: choose another name.`),
  setTwice: rule("VMSCN043", "error", "given twice", (what: string, line: number) => `${what} is already given on line ${line}: remove one.`),

  twoKinds: rule("VMSCN044", "error", "mapping and process of one name", (name: string) => `${quote(name)} stands for both a mapping and a process here: use two names.`),

  // Arguments and kinds of values
  missingArgument: rule("VMSCN050", "error", "missing argument", (name: string, form: string) => `The argument ${quote(name)} is missing. Write: ${form}`),
  tooManyArguments: rule("VMSCN051", "error", "too many arguments", (form: string) => `There are too many arguments. Write: ${form}`),
  argumentTwice: rule("VMSCN052", "error", "argument given twice", (name: string) => `The argument ${quote(name)} is already given.`),
  positionalAfterNamed: rule("VMSCN053", "error", "unnamed argument behind a named one", () => "Behind a named argument all must be named."),
  wrongKind: rule("VMSCN054", "error", "wrong kind of value", (expected: string, found: string) => `This must be ${expected}, not ${found}.`),
  timeWithoutUnit: rule("VMSCN055", "error", "time without a unit", (text: string) => `A time needs a unit: ${text}us, ${text}ms …`),
  callAsValue: rule("VMSCN056", "error", "call without a value used as one", (name: string) => `${quote(name)} returns nothing: it is a statement of its own, not part of an expression.`),
  functionAsStatement: rule("VMSCN057", "error", "function used as a statement", (name: string) => `${quote(name)} is a function and does nothing by itself: use it in a check, an 'if' or a 'let'.`),
  noResult: rule("VMSCN058", "error", "assignment of something other than a mapping or a process", () => "Only what mmap and mremap (a mapping) or fork (a process) make can be assigned like this. For other values write 'let name = value'."),
  notHere: rule("VMSCN059", "error", "statement not possible here", (what: string, where: string, wayOut: string) => `${quote(what)} is not possible ${where}: ${wayOut}.`),
  needsIndex: rule("VMSCN060", "error", "process array without an index", (name: string, count: number) => `${quote(name)} stands for ${count} processes: say which, ${name}[0] to ${name}[${count - 1}].`),
  noIndex: rule("VMSCN061", "error", "index on something that is not an array", (what: string) => `${what} cannot be indexed.`),
  notConstant: rule("VMSCN062", "error", "value not known beforehand", (what: string) => `${what} must be known before the run: use numbers only.`),
  incomparable: rule("VMSCN063", "error", "operands do not go together", (left: string, operator: string, right: string) => `${left} and ${right} do not go together with '${operator}'.`),
  rangeNotHere: rule("VMSCN064", "error", "range where one value is due", () => "A range 'a .. b' is only possible in V[a .. b], and where a call takes bytes of a file."),
  callNotHere: rule("VMSCN065", "error", "system call where none can be made", (name: string) => `${quote(name)} is a system call: its result can be used in a 'let' or an 'if', and in a check 'finally' or 'after'.`),

  notPrivate: rule("VMSCN066", "error", "shared memory without a file", () => "Memory without a file is private: add 'flags: private'."),

  // Limits
  outOfBounds: rule("VMSCN070", "error", "number out of bounds", (what: string, low: string, high: string) => `${what} must be from ${low} to ${high}.`),
  noSuchCpu: rule("VMSCN071", "error", "no such CPU", (cpu: number, cpus: number) => `There is no CPU ${cpu}: the machine has ${cpus === 1 ? "only CPU 0" : `CPUs 0 to ${cpus - 1}`}. Choose one of them, or raise 'cpus'.`),
  beyondTaskSize: rule("VMSCN072", "error", "address beyond the address space", (end: string, limit: string) => `This would reach up to ${end}; the address space of a process of this arch ends at ${limit}.`),
  unaligned: rule("VMSCN073", "error", "not page-aligned", (what: string, below: number, above: number) => `${what} must be a multiple of the page size: ${below} or ${above}.`),
  overlap: rule("VMSCN074", "error", "fixed mappings overlap", (name: string, line: number) => `This overlaps ${quote(name)}, mapped on line ${line}: choose another address.`),
  outsideMapping: rule("VMSCN075", "error", "range outside its mapping", (name: string, size: string) => `${quote(name)} is ${size} long: the range must lie inside it.`),
  rounded: rule("VMSCN076", "information", "rounded to pages", (given: number, used: number) => `The kernel rounds this to whole pages: ${used} instead of ${given}.`),
  memory: rule("VMSCN077", "error", "needs too much memory", (estimate: string, limit: string, detail: string, wayOut: string) => `This run would need about ${estimate} (${detail}); the limit is ${limit}. Use smaller files, fewer processes, or touch less${wayOut}.`),
  emptyFile: rule("VMSCN078", "error", "empty file", (name: string) => `${quote(name)} has no pages that could be mapped: give it a size above 0.`),
  emptyRange: rule("VMSCN079", "error", "empty or reversed range", () => "This range is empty: its end must be above its beginning (ranges are half-open)."),
  noSuchElement: rule("VMSCN080", "error", "no such process of an array", (name: string, count: number) => `${quote(name)} has ${count} processes: the index must be from 0 to ${count - 1}.`),
  beyondFile: rule("VMSCN081", "error", "offset beyond the file", (name: string, size: string) => `${quote(name)} is only ${size} long: there is nothing to map from this offset on.`),
  addressSpaceFull: rule("VMSCN082", "error", "mappings exceed the address space", (name: string, size: string) => `With this mapping, process ${quote(name)} would map more than its address space of ${size} holds.`),
  withoutEffect: rule("VMSCN083", "warning", "without effect", (why: string) => `This has no effect: ${why}.`),
  partialPage: rule("VMSCN085", "information", "end within a page", (begin: number) => `The page that holds the new end stays mapped: unmapping begins at ${begin}.`),
  refused: rule("VMSCN086", "information", "refused by the kernel", (error: string, why: string) => `The kernel refuses this with ${error}: ${why}.`),
  callNumbers: rule("VMSCN084", "error", "call numbers not in order", () => "Call numbers count from 1 and must be given in rising order."),
  notInKernel: rule("VMSCN089", "information", "not in this kernel", (name: string, kernel: string, elsewhere: string) => `${kernel} has no ${quote(name)}: ${elsewhere}.`),

  // Found while an expression is evaluated
  divisionByZero: rule("VMSCN090", "error", "division by zero", () => "Division by zero."),
  overflow: rule("VMSCN091", "error", "result too large", () => "The result is too large: numbers are exact up to 2^53."),
  noValue: rule("VMSCN092", "error", "operand is not a number", (operator: string, found: string) => `'${operator}' needs numbers, not ${found}.`),
  nullAccess: rule("VMSCN093", "error", "field of NULL", (name: string) => `Cannot read ${quote(name)}: there is no object here (NULL).`),
  noFields: rule("VMSCN094", "error", "field of something without fields", (what: string, name: string) => `Cannot read ${quote(name)}: ${what} has no fields.`),
  badIndex: rule("VMSCN095", "error", "index out of range", (index: string, length: number) => `The index ${index} is out of range: there are ${length} elements.`),
  notIndexable: rule("VMSCN096", "error", "not an array", (what: string) => `${what} has no elements.`),
  badShift: rule("VMSCN097", "error", "shift count out of range", () => "The shift count must be from 0 to 63."),
  notSliceable: rule("VMSCN098", "error", "not a mapping", (what: string) => `Only a mapping has byte ranges; this is ${what}.`),
  notEvaluated: rule("VMSCN099", "error", "cannot be evaluated", (why: string) => `This cannot be evaluated: ${why}.`),

  // Found while the processes are set up
  setupFailed: rule("VMSCN100", "error", "set-up that the kernel refuses", (call: string, error: string) => `${quote(call)} comes to ${error} here: the set-up of a process must succeed. Do it in a task if that is what you want to see.`),
} as const;
