// The state of an execution as text, for telling whether it has come back to where it was. Whatever can be reached from some
// roots is written down, objects by the order in which they are met: which they are makes no difference, only how they hang
// together. Times, and what merely counts on, are left out.

const LEFT_OUT: ReadonlySet<string> = new Set([
  "acquired_at", "acquired_step", "clock", "computes_until", "end", "events", "frames", "name", "next_interrupt", "next_tick", "read_since", "retry_time",
  "runnable_since", "step", "time_slice", "waiting_since", "wake_time",
]);

/**
 * The state behind `roots`.
 * @param except objects of which only is told that it is they
 */
export function state_text(roots: readonly unknown[], except: ReadonlySet<unknown> = new Set()): string {
  const numbers = new Map<unknown, number>();
  const text: string[] = [];
  const left: unknown[] = [];
  const refer = (value: unknown): string => {
    if (typeof value === "function") return "f";
    if (typeof value !== "object" || value === null) return String(value);
    let number = numbers.get(value);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(value, number);
      if (!except.has(value)) left.push(value);
    }
    return `#${number}`;
  };
  const write = (value: unknown): void => void text.push(refer(value));
  roots.forEach(write);
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
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
      if (LEFT_OUT.has(key)) continue;
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
