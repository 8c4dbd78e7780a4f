// The rules of all diagnostics, in one table: a stable code, a severity, and the message, which says what is wrong and what
// the author can do about it. docs/language.md lists the codes; a test compares the two.

import type { Range } from "./program.ts";

export type Severity = "error" | "warning" | "information";

/** A quick fix that is almost certainly right: replace the diagnostic's range by `text`. */
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

/** A diagnostic without its range. */
export interface Problem {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly fix?: Fix;
}

/** The rule of one code: called with the parts of the message, it makes the problem. */
interface Rule<A extends readonly unknown[]> {
  (...args: A): Problem;
  readonly code: string;
  readonly severity: Severity;
  /** A few words for the table in the documentation. */
  readonly title: string;
}

function defineRule<A extends readonly unknown[]>(
  code: string, severity: Severity, title: string, message: (...args: A) => string,
): Rule<A> {
  return Object.assign((...args: A): Problem => ({ code, severity, message: message(...args) }), { code, severity, title });
}

/** A rule for an unknown name: if a known one is near, the message suggests it, and the quick fix replaces the name by it. */
function defineUnknownNameRule(
  code: string, title: string, message: (name: string, known: string) => string,
): Rule<[name: string, known: string, near: string | undefined]> {
  const make = (name: string, known: string, near: string | undefined): Problem => ({
    code,
    severity: "error",
    message: message(quote(name), known) + (near === undefined ? "" : ` Did you mean ${quote(near)}?`),
    ...(near === undefined ? {} : { fix: { title: `Change to ${quote(near)}`, text: near } }),
  });
  return Object.assign(make, { code, severity: "error" as const, title });
}

/** A token of the scenario as messages show it; a long one is shortened. */
export function quote(token: string): string {
  return `'${token.length > 60 ? token.slice(0, 57) + "..." : token}'`;
}

export const problems = {
  // The text as a whole
  tooLarge: defineRule(
    "VMSCN001", "error", "text too large",
    (
      size: number, what: string, limit: number,
    ) => `The scenario has ${size} ${what}; at most ${limit} are read. Use 'repeat' and process arrays, or split it.`,
  ),
  binary: defineRule(
    "VMSCN002", "error", "not a text", () => "This is not a text: it contains NUL characters. A scenario is a plain text file.",
  ),
  badCharacter: defineRule(
    "VMSCN003", "error", "unexpected character",
    (text: string) => (text === ";"
      ? "Statements are not separated by ';': remove it."
      : `The character ${quote(text)} has no meaning here: remove it.`),
  ),
  openText: defineRule("VMSCN004", "error", "text literal not closed", () => "This text is not closed on its line: add the missing '\"'."),
  openComment: defineRule("VMSCN005", "error", "comment not closed", () => "This comment is never closed: add '*/'."),
  badName: defineRule(
    "VMSCN006", "error", "name with other than ASCII letters",
    (text: string) => `${quote(text)} is not a name: names consist of ASCII letters, digits and '_'.`,
  ),
  singleQuotes: defineRule("VMSCN007", "error", "single quotes", () => "Texts are written in double quotes."),
  tooComplex: defineRule(
    "VMSCN008", "error", "nested too deeply or too long an expression",
    (limit: string) => `This is too complex: ${limit}. Name parts of it with 'let', or split it.`,
  ),

  // Structure
  syntax: defineRule(
    "VMSCN010", "error", "syntax",
    (expected: string, found: string, form: string) => `Expected ${expected}, found ${found}.${form === "" ? "" : ` Write: ${form}`}`,
  ),
  openBracket: defineRule(
    "VMSCN011", "error", "bracket not closed", (opener: string, closer: string) => `This '${opener}' is never closed: add '${closer}'.`,
  ),
  strayBracket: defineRule(
    "VMSCN012", "error", "bracket without a beginning", (closer: string) => `This '${closer}' closes nothing: remove it.`,
  ),
  wrongBracket: defineRule(
    "VMSCN013", "error", "wrong closing bracket",
    (found: string, expected: string) => `'${found}' closes nothing here: '${expected}' is meant.`,
  ),
  unknownDeclaration: defineUnknownNameRule(
    "VMSCN014", "unknown declaration",
    (name) => `${name} begins no declaration. There are kernel, machine, file, process, task, on, force, check and expect.`,
  ),
  moreMistakes: defineRule(
    "VMSCN015", "information", "further mistakes not looked for",
    () => "There may be further mistakes: the parser looks for them once those reported are corrected.",
  ),

  // Literals
  unknownUnit: defineUnknownNameRule(
    "VMSCN020", "unknown unit", (unit) => `${unit} is not a unit. Sizes take K, M, G or pages, times take ns, us, ms or s.`,
  ),
  fraction: defineRule(
    "VMSCN021", "error", "number with a fraction",
    (text: string) => `${quote(text)} has a fraction: numbers are whole. Use a smaller unit, 1500us for 1.5ms.`,
  ),
  badNumber: defineRule(
    "VMSCN022", "error", "malformed number",
    (text: string) => `${quote(text)} is not a number. Numbers are decimal (64M, 1_000) or hexadecimal (0x4000_0000).`,
  ),
  numberTooLarge: defineRule(
    "VMSCN023", "error", "number too large", (text: string) => `${quote(text)} is too large: numbers are exact up to 2^53.`,
  ),

  // Names
  unknownName: defineUnknownNameRule("VMSCN030", "unknown name", (name, where) => `${name} is not known ${where}.`),
  duplicate: defineRule(
    "VMSCN031", "error", "declared twice",
    (what: string, name: string, line: number) => `${what} ${quote(name)} is already declared on line ${line}: choose another name.`,
  ),
  unknownCall: defineUnknownNameRule("VMSCN032", "unknown call or function", (name, what) => `There is no ${what} ${name}.`),
  unknownParameter: defineUnknownNameRule(
    "VMSCN033", "unknown parameter", (name, form) => `${name} is not a parameter here. Write: ${form}`,
  ),
  unknownEvent: defineUnknownNameRule("VMSCN034", "unknown event", (name) => `There is no event ${name}.`),
  unknownKernel: defineUnknownNameRule("VMSCN035", "unknown kernel", (name, known) => `There is no kernel ${name}. There are ${known}.`),
  unknownSetting: defineUnknownNameRule(
    "VMSCN036", "unknown setting",
    (name, known) => `There is no setting ${name} here. There are ${known}${known.includes("cpus") ? ", and cost NAME" : ""}.`,
  ),
  unknownValue: defineUnknownNameRule(
    "VMSCN037", "unknown value of a setting", (name, known) => `${name} is not a value of this setting: ${known}.`,
  ),
  unknownCost: defineUnknownNameRule("VMSCN038", "unknown cost", (name) => `The cost table has no ${name}.`),
  unknownField: defineUnknownNameRule("VMSCN039", "unknown field", (name, owner) => `${owner} has no field ${name}.`),
  unknownFlag: defineUnknownNameRule("VMSCN040", "unknown flag", (name, known) => `${name} is not a flag here: ${known}.`),
  unknownForce: defineUnknownNameRule(
    "VMSCN041", "not a check that can be forced", (name) => `${name} cannot be forced: need_resched and need_lockbreak can.`,
  ),
  unknownBug: defineUnknownNameRule(
    "VMSCN049", "unknown finding", (name) => `No check of the kernel reports ${name}: docs/checks.md lists the codes.`,
  ),
  reservedName: defineRule(
    "VMSCN042", "error", "reserved name", (name: string) => `${quote(name)} has a meaning of its own: choose another name.`,
  ),
  setTwice: defineRule(
    "VMSCN043", "error", "given twice", (what: string, line: number) => `${what} is already given on line ${line}: remove one.`,
  ),

  twoTypes: defineRule(
    "VMSCN044", "error", "mapping and process of one name",
    (name: string) => `${quote(name)} names both a mapping and a process here: use two names.`,
  ),

  // Arguments and types of values
  missingArgument: defineRule(
    "VMSCN050", "error", "missing argument", (name: string, form: string) => `The argument ${quote(name)} is missing. Write: ${form}`,
  ),
  tooManyArguments: defineRule("VMSCN051", "error", "too many arguments", (form: string) => `There are too many arguments. Write: ${form}`),
  argumentTwice: defineRule("VMSCN052", "error", "argument given twice", (name: string) => `The argument ${quote(name)} is already given.`),
  positionalAfterNamed: defineRule(
    "VMSCN053", "error", "unnamed argument behind a named one", () => "Behind a named argument all must be named.",
  ),
  wrongType: defineRule(
    "VMSCN054", "error", "wrong type of value", (expected: string, found: string) => `This must be ${expected}, not ${found}.`,
  ),
  timeWithoutUnit: defineRule("VMSCN055", "error", "time without a unit", (text: string) => `A time needs a unit: ${text}us, ${text}ms …`),
  callAsValue: defineRule(
    "VMSCN056", "error", "call without a value used as one",
    (name: string) => `${quote(name)} returns nothing: it is a statement of its own, not part of an expression.`,
  ),
  functionAsStatement: defineRule(
    "VMSCN057", "error", "function used as a statement",
    (name: string) => `${quote(name)} is a function and does nothing by itself: use it in a check, an 'if' or a 'let'.`,
  ),
  noResult: defineRule(
    "VMSCN058", "error", "assignment of something other than a mapping or a process",
    () =>
      "Only what mmap and mremap (a mapping) or fork (a process) make can be assigned like this. For other values " +
      "write 'let name = value'.",
  ),
  notHere: defineRule(
    "VMSCN059", "error", "statement not possible here",
    (what: string, where: string, wayOut: string) => `${quote(what)} is not possible ${where}: ${wayOut}.`,
  ),
  needsIndex: defineRule(
    "VMSCN060", "error", "process array without an index",
    (name: string, count: number) => `${quote(name)} is an array of ${count} processes: say which, ${name}[0] to ${name}[${count - 1}].`,
  ),
  noIndex: defineRule("VMSCN061", "error", "index on something that is not an array", (what: string) => `${what} cannot be indexed.`),
  notConstant: defineRule(
    "VMSCN062", "error", "value not known beforehand", (what: string) => `${what} must be known before the run: use numbers only.`,
  ),
  incomparable: defineRule(
    "VMSCN063", "error", "operands do not go together",
    (left: string, operator: string, right: string) => `${left} and ${right} do not go together with '${operator}'.`,
  ),
  rangeNotHere: defineRule(
    "VMSCN064", "error", "range where one value is due",
    () => "A range 'a .. b' is only possible in V[a .. b], and where a call takes bytes of a file.",
  ),
  callNotHere: defineRule(
    "VMSCN065", "error", "system call where none can be made",
    (name: string) => `${quote(name)} is a system call: its result can be used in a 'let' or an 'if', and in a check 'finally' or 'after'.`,
  ),

  notPrivate: defineRule(
    "VMSCN066", "error", "shared memory without a file", () => "Memory without a file is private: add 'flags: private'.",
  ),

  // Limits
  outOfBounds: defineRule(
    "VMSCN070", "error", "number out of bounds", (what: string, low: string, high: string) => `${what} must be from ${low} to ${high}.`,
  ),
  noSuchCpu: defineRule(
    "VMSCN071", "error", "no such CPU",
    (cpu: number, cpus: number) => `There is no CPU ${cpu}: the machine has ${cpus === 1
      ? "only CPU 0"
      : `CPUs 0 to ${cpus - 1}`}. Choose one of them, or raise 'cpus'.`,
  ),
  beyondTaskSize: defineRule(
    "VMSCN072", "error", "address beyond the address space",
    (end: string, limit: string) => `This would reach up to ${end}; the address space of a process of this arch ends at ${limit}.`,
  ),
  unaligned: defineRule(
    "VMSCN073", "error", "not page-aligned",
    (what: string, below: number, above: number) => `${what} must be a multiple of the page size: ${below} or ${above}.`,
  ),
  overlap: defineRule(
    "VMSCN074", "error", "fixed mappings overlap",
    (name: string, line: number) => `This overlaps ${quote(name)}, mapped on line ${line}: choose another address.`,
  ),
  outsideMapping: defineRule(
    "VMSCN075", "error", "range outside its mapping",
    (name: string, size: string) => `${quote(name)} is ${size} long: the range must lie inside it.`,
  ),
  rounded: defineRule(
    "VMSCN076", "information", "rounded to pages",
    (given: number, used: number) => `The kernel rounds this to whole pages: ${used} instead of ${given}.`,
  ),
  memory: defineRule(
    "VMSCN077", "error", "needs too much memory",
    (estimate: string, limit: string, detail: string, wayOut: string) =>
      `This run would need about ${estimate} (${detail}); the limit is ${limit}. ` +
      `Use smaller files, fewer processes, or touch less${wayOut}.`,
  ),
  emptyFile: defineRule(
    "VMSCN078", "error", "empty file", (name: string) => `${quote(name)} has no pages that could be mapped: give it a size above 0.`,
  ),
  emptyRange: defineRule(
    "VMSCN079", "error", "empty or reversed range",
    () => "This range is empty: its end must be above its beginning (ranges are half-open).",
  ),
  noSuchElement: defineRule(
    "VMSCN080", "error", "no such process of an array",
    (name: string, count: number) => `${quote(name)} has ${count} processes: the index must be from 0 to ${count - 1}.`,
  ),
  beyondFile: defineRule(
    "VMSCN081", "error", "offset beyond the file",
    (name: string, size: string) => `${quote(name)} is only ${size} long: there is nothing to map from this offset on.`,
  ),
  addressSpaceFull: defineRule(
    "VMSCN082", "error", "mappings exceed the address space",
    (name: string, size: string) => `With this mapping, process ${quote(name)} would map more than its address space of ${size} holds.`,
  ),
  withoutEffect: defineRule("VMSCN083", "warning", "without effect", (why: string) => `This has no effect: ${why}.`),
  partialPage: defineRule(
    "VMSCN085", "information", "end within a page",
    (begin: number) => `The page that holds the new end stays mapped: unmapping begins at ${begin}.`,
  ),
  refused: defineRule(
    "VMSCN086", "information", "refused by the kernel", (error: string, why: string) => `The kernel refuses this with ${error}: ${why}.`,
  ),
  callNumbers: defineRule(
    "VMSCN084", "error", "call numbers not in order", () => "Call numbers count from 1 and must be given in rising order.",
  ),
  notInKernel: defineRule(
    "VMSCN089", "information", "not in this kernel",
    (name: string, kernel: string, elsewhere: string) => `${kernel} has no ${quote(name)}: ${elsewhere}.`,
  ),

  // Reported while an expression is evaluated
  divisionByZero: defineRule("VMSCN090", "error", "division by zero", () => "Division by zero."),
  overflow: defineRule("VMSCN091", "error", "result too large", () => "The result is too large: numbers are exact up to 2^53."),
  noValue: defineRule(
    "VMSCN092", "error", "operand is not a number", (operator: string, found: string) => `'${operator}' needs numbers, not ${found}.`,
  ),
  nullAccess: defineRule(
    "VMSCN093", "error", "field of NULL", (name: string) => `Cannot read ${quote(name)}: there is no object here (NULL).`,
  ),
  noFields: defineRule(
    "VMSCN094", "error", "field of something without fields",
    (what: string, name: string) => `Cannot read ${quote(name)}: ${what} has no fields.`,
  ),
  badIndex: defineRule(
    "VMSCN095", "error", "index out of range",
    (index: string, length: number) => `The index ${index} is out of range: there are ${length} elements.`,
  ),
  notIndexable: defineRule("VMSCN096", "error", "not an array", (what: string) => `${what} has no elements.`),
  badShift: defineRule("VMSCN097", "error", "shift count out of range", () => "The shift count must be from 0 to 63."),
  notSliceable: defineRule("VMSCN098", "error", "not a mapping", (what: string) => `Only a mapping has byte ranges; this is ${what}.`),
  notEvaluated: defineRule("VMSCN099", "error", "cannot be evaluated", (why: string) => `This cannot be evaluated: ${why}.`),

  // Reported while the processes are set up
  setupFailed: defineRule(
    "VMSCN100", "error", "set-up that the kernel refuses",
    (
      call: string, error: string,
    ) => `${quote(call)} fails with ${error} here: the set-up of a process must succeed. Make the call in a task to see it fail.`,
  ),
} as const;
