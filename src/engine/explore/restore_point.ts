// Restores objects to a recorded state, so that a search need not make its world anew for every execution.
//
// All objects that can be reached from some roots are recorded with the values of their fields. Restoring writes those values
// again: objects keep their identity, and those made since are forgotten. Functions and what they enclose are not restored, nor
// what a running generator holds.

type Fields = Record<string, unknown>;

interface RecordedObject {
  readonly object: Fields;
  readonly keys: readonly string[];
  readonly values: readonly unknown[];
}

type Numbers = Uint8Array | Int32Array | Uint32Array | Float64Array;

export class RestorePoint {
  private readonly objects: RecordedObject[] = [];
  private readonly arrays: { readonly array: unknown[]; readonly copy: readonly unknown[] }[] = [];
  private readonly numbers: { readonly array: Numbers; readonly copy: Numbers }[] = [];
  private readonly maps: { readonly map: Map<unknown, unknown>; readonly entries: readonly (readonly [unknown, unknown])[] }[] = [];

  /**
   * Records the state of all that can be reached from `roots`.
   * @param except objects that are neither recorded nor followed
   */
  constructor(roots: readonly object[], except: readonly object[] = []) {
    const seen = new Set<unknown>(except);
    const worklist: unknown[] = [...roots];
    while (worklist.length > 0) {
      const next = worklist.pop();
      if (typeof next !== "object" || next === null || seen.has(next)) continue;
      seen.add(next);
      // One by one: an array of all pages is more than a call takes as arguments.
      for (const one of this.record(next)) worklist.push(one);
    }
  }

  /** Restores all objects to the recorded state. */
  restore(): void {
    for (const { object, keys, values } of this.objects) for (let at = 0; at < keys.length; at++) object[keys[at]!] = values[at];
    for (const { array, copy } of this.numbers) array.set(copy);
    for (const { array, copy } of this.arrays) {
      // Even a length that stays as it is takes long to set.
      if (array.length !== copy.length) array.length = copy.length;
      for (let at = 0; at < copy.length; at++) array[at] = copy[at];
    }
    for (const { map, entries } of this.maps) {
      map.clear();
      for (const [key, value] of entries) map.set(key, value);
    }
  }

  /** Records one object; returns what it refers to. */
  private record(object: object): unknown[] {
    if (Array.isArray(object)) {
      this.arrays.push({ array: object, copy: [...object] });
      return object;
    }
    if (ArrayBuffer.isView(object)) {
      this.numbers.push({ array: object as Numbers, copy: (object as Numbers).slice() });
      return [];
    }
    if (object instanceof Map) {
      const entries = [...object];
      this.maps.push({ map: object, entries });
      return entries.flat();
    }
    const keys = Object.keys(object).filter((key) => typeof (object as Fields)[key] !== "function");
    const values = keys.map((key) => (object as Fields)[key]);
    if (!Object.isFrozen(object)) this.objects.push({ object: object as Fields, keys, values });
    return values;
  }
}
