// The rules of diagnostics about the text: as a whole, its structure, its literals.

import { defineRule, defineUnknownNameRule, quote } from "./diagnostic-rules.ts";

export const textProblems = {
  // The text as a whole
  tooLarge: defineRule(
    "VMSCN001",
    "error",
    "text too large",
    (size: number, what: string, limit: number) =>
      `The scenario has ${size} ${what}; at most ${limit} are read. Use 'repeat' and process arrays, or split it.`,
  ),
  binary: defineRule(
    "VMSCN002",
    "error",
    "not a text",
    () => "This is not a text: it contains NUL characters. A scenario is a plain text file.",
  ),
  badCharacter: defineRule("VMSCN003", "error", "unexpected character", (text: string) =>
    text === ";" ? "Statements are not separated by ';': remove it." : `The character ${quote(text)} has no meaning here: remove it.`,
  ),
  openText: defineRule("VMSCN004", "error", "text literal not closed", () => "This text is not closed on its line: add the missing '\"'."),
  openComment: defineRule("VMSCN005", "error", "comment not closed", () => "This comment is never closed: add '*/'."),
  badName: defineRule(
    "VMSCN006",
    "error",
    "name with other than ASCII letters",
    (text: string) => `${quote(text)} is not a name: names consist of ASCII letters, digits and '_'.`,
  ),
  singleQuotes: defineRule("VMSCN007", "error", "single quotes", () => "Texts are written in double quotes."),
  tooComplex: defineRule(
    "VMSCN008",
    "error",
    "nested too deeply or too long an expression",
    (limit: string) => `This is too complex: ${limit}. Name parts of it with 'let', or split it.`,
  ),

  // Structure
  syntax: defineRule(
    "VMSCN010",
    "error",
    "syntax",
    (expected: string, found: string, form: string) => `Expected ${expected}, found ${found}.${form === "" ? "" : ` Write: ${form}`}`,
  ),
  openBracket: defineRule(
    "VMSCN011",
    "error",
    "bracket not closed",
    (opener: string, closer: string) => `This '${opener}' is never closed: add '${closer}'.`,
  ),
  strayBracket: defineRule(
    "VMSCN012",
    "error",
    "bracket without a beginning",
    (closer: string) => `This '${closer}' closes nothing: remove it.`,
  ),
  wrongBracket: defineRule(
    "VMSCN013",
    "error",
    "wrong closing bracket",
    (found: string, expected: string) => `'${found}' closes nothing here: '${expected}' is meant.`,
  ),
  unknownDeclaration: defineUnknownNameRule(
    "VMSCN014",
    "unknown declaration",
    (name) => `${name} begins no declaration. There are kernel, machine, file, process, task, on, force, check and expect.`,
  ),
  moreMistakes: defineRule(
    "VMSCN015",
    "information",
    "further mistakes not looked for",
    () => "There may be further mistakes: the parser looks for them once those reported are corrected.",
  ),

  // Literals
  unknownUnit: defineUnknownNameRule(
    "VMSCN020",
    "unknown unit",
    (unit) => `${unit} is not a unit. Sizes take K, M, G or pages, times take ns, us, ms or s.`,
  ),
  fraction: defineRule(
    "VMSCN021",
    "error",
    "number with a fraction",
    (text: string) => `${quote(text)} has a fraction: numbers are whole. Use a smaller unit, 1500us for 1.5ms.`,
  ),
  badNumber: defineRule(
    "VMSCN022",
    "error",
    "malformed number",
    (text: string) => `${quote(text)} is not a number. Numbers are decimal (64M, 1_000) or hexadecimal (0x4000_0000).`,
  ),
  numberTooLarge: defineRule(
    "VMSCN023",
    "error",
    "number too large",
    (text: string) => `${quote(text)} is too large: numbers are exact up to 2^53.`,
  ),
} as const;
