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
  for (const root of roots) text.push(refer(root));
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    text.push(refer(next));
    for (const content of contents(next as object)) text.push(refer(content));
  }
  return text.join(" ");
}

/** What an object holds: values, in an order that depends on its kind alone. */
function contents(object: object): unknown[] {
  if (Array.isArray(object)) return [object.length, ...(object as unknown[])];
  if (ArrayBuffer.isView(object)) return [digest(object as Uint32Array)];
  if (object instanceof Map) return [...object].flat();
  if (object instanceof Set) return [...object];
  return Object.keys(object).flatMap((key) => (LEFT_OUT.has(key) ? [] : [key, (object as Record<string, unknown>)[key]]));
}

/** Numbers that stand for the contents of an array of numbers. */
function digest(numbers: ArrayLike<number>): string {
  let low = 0x811c9dc5;
  let high = numbers.length;
  for (let at = 0; at < numbers.length; at++) {
    low = Math.imul(low ^ numbers[at]!, 0x01000193);
    high = Math.imul(high ^ (low >>> 15) ^ numbers[at]!, 0x85ebca6b);
  }
  return `${low}.${high}`;
}
