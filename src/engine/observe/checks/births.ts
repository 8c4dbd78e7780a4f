// Which ptes are younger than an unmapping: noted only while one is under way, by what sets, moves and copies ptes.

import type { Addr, MmStruct, VmArea } from "../../kernel/common/mm_types.ts";

/** The events at which ptes were set. One that is not noted is older than all unmappings under way. */
export class Births {
  private readonly of = new Map<MmStruct, Map<Addr, number>>();

  /** The pte of `address` was set at event number `event`. */
  set(mm: MmStruct, address: Addr, event: number): void {
    let births = this.of.get(mm);
    if (births === undefined) this.of.set(mm, (births = new Map()));
    births.set(address, event);
  }

  /** A pte that moves stays as old as it is. */
  move(from: MmStruct, old_address: Addr, to: MmStruct, address: Addr): void {
    const event = this.of.get(from)?.get(old_address);
    if (event === undefined) this.of.get(to)?.delete(address);
    else this.set(to, address, event);
  }

  /** The ptes of a copied vma are as old as those they were copied from. */
  copy(from: VmArea, to: VmArea): void {
    for (const [address, event] of this.of.get(from.vm_mm) ?? []) {
      if (address >= to.vm_start && address < to.vm_end) this.set(to.vm_mm, address, event);
    }
  }

  /** Was the pte there before event number `event`? */
  is_older(mm: MmStruct, address: Addr, event: number): boolean {
    return (this.of.get(mm)?.get(address) ?? 0) < event;
  }

  forget(): void {
    this.of.clear();
  }
}
