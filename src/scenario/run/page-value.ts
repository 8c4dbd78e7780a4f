// A struct page as a value of expressions.

import type { Page } from "../../engine/kernel/common/page_alloc.ts";
import type { KernelState } from "../../engine/kernel/state.ts";
import type { HostObject, StorageLocation, Value } from "../program/expression.ts";
import { readStorage, wrap } from "./kernel-values.ts";

/** A struct page, whose fields are kept in arrays of their own. */
export class PageValue implements HostObject {
  constructor(
    private readonly kernel: KernelState,
    readonly page: Page,
  ) {}

  get description(): string {
    return `page ${this.page}`;
  }

  get identity(): unknown {
    return this.page;
  }

  fieldNames(): string[] {
    return ["flags", "_count", "_mapcount", "mapping", "index", ...(this.kernel.mem_map.tables[this.page] === undefined ? [] : ["table"])];
  }

  field(name: string): Value | undefined {
    const { mem_map, mappings } = this.kernel;
    if (name === "mapping") return wrap(mappings[mem_map.mapping[this.page]!] ?? null);
    if (name === "table") return wrap(mem_map.tables[this.page]);
    const storage = this.storage(name);
    return storage === undefined ? undefined : wrap(readStorage(storage));
  }

  storage(name: string): StorageLocation | undefined {
    const { flags, count, _mapcount, mapping, index } = this.kernel.mem_map;
    const object = { flags, _count: count, _mapcount, mapping, index }[name];
    return object === undefined ? undefined : { object, key: this.page };
  }
}
