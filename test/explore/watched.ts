// Watching every access to the kernel's data: fields become accessors, arrays and maps proxies.

import type { System } from "../../src/engine/kernel/boot.ts";
import { MmStruct } from "../../src/engine/kernel/common/mm_types.ts";
import { Semaphore } from "../../src/engine/machine/semaphore.ts";
import { SpinLock } from "../../src/engine/machine/spinlock.ts";

/** Receives an access to a place, which has a name and an identity. */
export type Listener = (place: string, owner: object, key: PropertyKey, write: boolean) => void;

const WATCHED = new WeakSet<object>();
/** The proxies of arrays and maps that are kept in fields. */
const PROXIES = new WeakMap<object, object>();

/** From now on `listener` receives all accesses to the data of the kernel, and to what is added to it. */
export function watch(system: System, listener: Listener): void {
  const skipped = new Set<unknown>([
    system.machine,
    system.kernel.arch,
    system.kernel.config,
    system.image,
    ...system.machine.all_cpus,
    ...system.machine.tasks,
  ]);
  new Watcher(listener, skipped).watch(system.kernel, "kernel");
}

class Watcher {
  constructor(
    private readonly listener: Listener,
    private readonly skipped: ReadonlySet<unknown>,
  ) {}

  /** Watches a value; what is to be kept in its place. */
  watch(value: unknown, name: string): unknown {
    if (typeof value !== "object" || value === null || this.skipped.has(value)) return value;
    if (value instanceof SpinLock || value instanceof Semaphore || value.constructor?.name.startsWith("Task")) return value;
    if (WATCHED.has(value)) return value;
    const known = PROXIES.get(value);
    if (known !== undefined) return known;
    if (Array.isArray(value) || ArrayBuffer.isView(value)) return this.proxy(value as unknown as unknown[], name);
    if (value instanceof Map) return this.map(value, name);
    if (Object.getPrototypeOf(value) !== Object.prototype || value instanceof MmStruct || name !== "")
      this.fields(value, value.constructor.name.replace(/\d+$/, ""));
    return value;
  }

  private fields(object: object, name: string): void {
    WATCHED.add(object);
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(object))) {
      if (!("value" in descriptor) || typeof descriptor.value === "function" || descriptor.configurable !== true) continue;
      const place = `${name}.${key}`;
      let value: unknown = this.watch(descriptor.value, place);
      Object.defineProperty(object, key, {
        enumerable: true,
        configurable: true,
        get: () => {
          this.listener(place, object, key, false);
          return value;
        },
        set: (next: unknown) => {
          this.listener(place, object, key, true);
          value = this.watch(next, place);
        },
      });
    }
  }

  private proxy(array: unknown[], name: string): unknown {
    const place = `${name}[]`;
    for (const [key, value] of array.entries()) if (typeof value === "object") array[key] = this.watch(value, place);
    const proxy = new Proxy(array, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value === "function") return this.method(target, key, value as (...args: unknown[]) => unknown, place);
        this.listener(place, target, key, false);
        return value;
      },
      set: (target, key, value) => {
        this.listener(place, target, key, true);
        return Reflect.set(target, key, this.watch(value, place));
      },
    });
    PROXIES.set(array, proxy);
    WATCHED.add(proxy);
    return proxy;
  }

  /** A method of an array is an access to all of it. */
  private method(target: object, key: PropertyKey, method: (...args: unknown[]) => unknown, place: string): unknown {
    const write = ["push", "pop", "splice", "shift", "unshift", "fill", "set", "sort"].includes(String(key));
    return (...args: unknown[]): unknown => {
      this.listener(place, target, "length", write);
      return Reflect.apply(method, target, write ? args.map((arg) => this.watch(arg, place)) : args);
    };
  }

  private map(map: Map<unknown, unknown>, name: string): unknown {
    for (const [key, value] of map) map.set(key, this.watch(value, name));
    const place = `${name}{}`;
    const proxy = new Proxy(map, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== "function") return value;
        const write = ["set", "delete", "clear"].includes(String(key));
        return (...args: unknown[]): unknown => {
          this.listener(place, target, "entries", write);
          return Reflect.apply(value, target, write ? args.map((arg) => this.watch(arg, name)) : args);
        };
      },
    });
    PROXIES.set(map, proxy);
    WATCHED.add(proxy);
    return proxy;
  }
}
