// The state of an execution as canonical text, to detect that a state comes back. Everything that can be reached from some roots
// is written, objects as their number in the order of the traversal: their identities do not count, only the shape of the graph.
// Times, and counters that only grow, are ignored.

const IGNORED_FIELDS: ReadonlySet<string> = new Set([
  "acquired_at",
  "acquired_step",
  "clock",
  "computes_until",
  "end",
  "events",
  "frames",
  "name",
  "next_interrupt",
  "next_tick",
  "read_since",
  "retry_time",
  "runnable_since",
  "step",
  "time_slice",
  "waiting_since",
  "wake_time",
]);

/**
 * The state behind `roots`.
 * @param except objects whose contents are not written
 */
export function state_text(roots: readonly unknown[], except: ReadonlySet<unknown> = new Set()): string {
  const numbers = new Map<unknown, number>();
  const text: string[] = [];
  const worklist: unknown[] = [];
  const refer = (value: unknown): string => {
    if (typeof value === "function") return "f";
    if (typeof value !== "object" || value === null) return String(value);
    let number = numbers.get(value);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(value, number);
      if (!except.has(value)) worklist.push(value);
    }
    return `#${number}`;
  };
  const write = (value: unknown): void => void text.push(refer(value));
  roots.forEach(write);
  for (let next = worklist.pop(); next !== undefined; next = worklist.pop()) {
    write(next);
    for_contents(next as object, write);
  }
  return text.join(" ");
}

/** What an object holds: values, in an order that depends on its kind alone. */
function for_contents(object: object, write: (value: unknown) => void): void {
  if (Array.isArray(object)) {
    write(object.length);
    for (const item of object) write(item);
  } else if (ArrayBuffer.isView(object)) {
    write(digest(object));
  } else if (object instanceof Map) {
    for (const [key, value] of object) {
      write(key);
      write(value);
    }
  } else if (object instanceof Set) {
    for (const item of object) write(item);
  } else {
    for (const key of Object.keys(object)) {
      if (IGNORED_FIELDS.has(key)) continue;
      write(key);
      write((object as Record<string, unknown>)[key]);
    }
  }
}

/**
 * Numbers that stand for the contents of an array of numbers, which is taken in words of 32 bits whatever they are (all are as
 * long as some of these): for the words that differ from the one before, and where they are.
 */
function digest({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  const numbers = new Int32Array(buffer, byteOffset, byteLength / 4);
  let low = 0x811c9dc5;
  let high = numbers.length;
  let before = 0;
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at]!;
    if (number === before) continue;
    before = number;
    low = Math.imul(low ^ number ^ (at << 16), 0x01000193);
    high = Math.imul(high ^ (low >>> 15) ^ number ^ at, 0x85ebca6b);
  }
  return `${low}.${high}`;
}
