// A schedule: which process executes how many transitions, as a short text that can be pasted into a command line or a launch
// configuration:
//
//     lb1:vmtrunc4:a14b3!0a7:k2j3h4x0:f9d8s7q1
//
// The version of the format, the kernel, the segments (a process and its number of transitions, see controlled.ts; a timer tick is one
// transition), a fingerprint of what is run, and a check sum of all that. Segments in parentheses at the end are repeated for ever: the
// cycle of a lasso. Without them the non-preemptive default follows the last segment: the task that has the CPU keeps it.

/** One process executes `transitions` transitions in a row. */
export interface ScheduleSegment {
  /** Its name, as ControlledScheduler.name says it. */
  readonly process: string;
  /** 1 or more. */
  readonly transitions: number;
}

/** A schedule with what it is for. */
export interface RecordedSchedule {
  readonly kernel: string;
  /** fingerprint() of what is run: the schedule fits nothing else. */
  readonly scenario_fingerprint: string;
  readonly schedule: Schedule;
}

/** Which process executes when. */
export interface Schedule {
  readonly segments: readonly ScheduleSegment[];
  /** The segments that are repeated for ever after those; empty if none are. */
  readonly cycle: readonly ScheduleSegment[];
}

/** A text is no schedule. The message says why. */
export class ScheduleError extends Error {
  override readonly name = "ScheduleError";
}

const VERSION = "lb1";
const SEGMENT = /([a-z]{1,3})([1-9][0-9]{0,8})|(![0-9]{1,2})/y;

/** The schedule as text. */
export function format_schedule({ kernel, scenario_fingerprint, schedule }: RecordedSchedule): string {
  const { segments, cycle } = schedule;
  const repeated = cycle.length === 0 ? "" : `(${format_segments(cycle)})`;
  const text = `${VERSION}:${kernel}:${format_segments(segments)}${repeated}:${scenario_fingerprint}`;
  return `${text}:${fingerprint(text)}`;
}

/** The segments as text, as they stand in a schedule. */
export function format_segments(segments: readonly ScheduleSegment[]): string {
  const one = ({ process, transitions }: ScheduleSegment): string =>
    process.startsWith("!") ? process.repeat(transitions) : `${process}${transitions}`;
  return segments.map(one).join("");
}

/** Reads what format_schedule has written. Throws a ScheduleError if it is anything else. */
export function parse_schedule(text: string): RecordedSchedule {
  const [version = "", kernel, segments, scenario, sum, ...more] = text.trim().split(":");
  if (!/^lb\d+$/.test(version) || sum === undefined || more.length > 0) {
    throw new ScheduleError(`a schedule looks like ${VERSION}:KERNEL:SEGMENTS:…:…`);
  }
  if (version !== VERSION) {
    throw new ScheduleError(`it is a schedule of another version of Lockbreak (${version}); this one reads ${VERSION}`);
  }
  if (fingerprint(`${version}:${kernel}:${segments}:${scenario}`) !== sum) {
    throw new ScheduleError("its check sum is wrong: a part of it was lost or changed");
  }
  const match = /^([^()]*)(?:\(([^()]+)\))?$/.exec(segments!);
  if (match === null) throw new ScheduleError("its parentheses do not match");
  const schedule = { segments: parse_segments(match[1]!), cycle: parse_segments(match[2] ?? "") };
  return { kernel: kernel!, scenario_fingerprint: scenario!, schedule };
}

/** Reads what format_segments has written. Throws a ScheduleError if it is anything else. */
export function parse_segments(text: string): ScheduleSegment[] {
  const segments: ScheduleSegment[] = [];
  SEGMENT.lastIndex = 0;
  while (SEGMENT.lastIndex < text.length) {
    const at = SEGMENT.lastIndex;
    const match = SEGMENT.exec(text);
    if (match === null) throw new ScheduleError(`'${text.slice(at, at + 12)}' is no segment`);
    segments.push(match[3] === undefined ? { process: match[1]!, transitions: Number(match[2]) } : { process: match[3], transitions: 1 });
  }
  return segments;
}

/** A hash of `text`: eight letters and digits. Two texts have the same one only by accident. */
export function fingerprint(text: string): string {
  return digest(text).toString(36).padStart(8, "0").slice(-8);
}

/** A hash of `text`: a whole number below 2^53. */
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
