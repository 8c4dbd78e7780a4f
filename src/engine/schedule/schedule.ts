// A schedule: who goes on for how long, as a short text that can be pasted into a command line or a launch configuration:
//
//     lb1:vmtrunc4:a14b3!0a7:k2j3h4x0:f9d8s7q1
//
// The version of the format, the kernel, the turns (a process and its number of units, see choice.ts; a timer tick is one
// unit), a fingerprint of what is run, and a check sum of all that. Turns in parentheses at the end are repeated for ever: a
// livelock. Without them the run goes on by itself after the last turn: who has the CPU keeps it.

/** One process goes on for `units` units. */
export interface Turn {
  /** As ChoicePolicy.name calls it. */
  readonly process: string;
  /** 1 or more. */
  readonly units: number;
}

export interface Schedule {
  readonly kernel: string;
  /** fingerprint() of what is run: nothing else can follow the turns. */
  readonly of: string;
  readonly course: Course;
}

/** Who goes on when. */
export interface Course {
  readonly turns: readonly Turn[];
  /** What is repeated for ever after the turns; empty if nothing is. */
  readonly cycle: readonly Turn[];
}

/** A text is no schedule. The message says why. */
export class ScheduleError extends Error {
  override readonly name = "ScheduleError";
}

const VERSION = "lb1";
const TURN = /([a-z]{1,3})([1-9][0-9]{0,8})|(![0-9]{1,2})/y;

/** The schedule as text. */
export function format_schedule({ kernel, of, course }: Schedule): string {
  const { turns, cycle } = course;
  const text = `${VERSION}:${kernel}:${format_turns(turns)}${cycle.length === 0 ? "" : `(${format_turns(cycle)})`}:${of}`;
  return `${text}:${fingerprint(text)}`;
}

/** The turns as text, as they stand in a schedule. */
export function format_turns(turns: readonly Turn[]): string {
  return turns.map(({ process, units }) => (process.startsWith("!") ? process.repeat(units) : `${process}${units}`)).join("");
}

/** Reads what format_schedule has written. Throws a ScheduleError if it is anything else. */
export function parse_schedule(text: string): Schedule {
  const [version = "", kernel, turns, of, sum, ...more] = text.trim().split(":");
  if (!/^lb\d+$/.test(version) || sum === undefined || more.length > 0) throw new ScheduleError(`a schedule looks like ${VERSION}:KERNEL:TURNS:…:…`);
  if (version !== VERSION) throw new ScheduleError(`it is a schedule of another version of Lockbreak (${version}); this one reads ${VERSION}`);
  if (fingerprint(`${version}:${kernel}:${turns}:${of}`) !== sum) throw new ScheduleError("its check sum is wrong: a part of it was lost or changed");
  const match = /^([^()]*)(?:\(([^()]+)\))?$/.exec(turns!);
  if (match === null) throw new ScheduleError("its parentheses do not match");
  return { kernel: kernel!, of: of!, course: { turns: parse_turns(match[1]!), cycle: parse_turns(match[2] ?? "") } };
}

/** Reads what format_turns has written. Throws a ScheduleError if it is anything else. */
export function parse_turns(text: string): Turn[] {
  const turns: Turn[] = [];
  TURN.lastIndex = 0;
  while (TURN.lastIndex < text.length) {
    const at = TURN.lastIndex;
    const match = TURN.exec(text);
    if (match === null) throw new ScheduleError(`'${text.slice(at, at + 12)}' is no turn`);
    turns.push(match[3] === undefined ? { process: match[1]!, units: Number(match[2]) } : { process: match[3], units: 1 });
  }
  return turns;
}

/** Eight letters and digits that stand for `text`: for another one they are others, as a rule. */
export function fingerprint(text: string): string {
  return digest(text).toString(36).padStart(8, "0").slice(-8);
}

/** A whole number below 2^53 that stands for `text`. */
export function digest(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (low >>> 15) ^ code, 0x85ebca6b);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
