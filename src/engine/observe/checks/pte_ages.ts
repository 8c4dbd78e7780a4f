// Which ptes are younger than an unmapping: recorded only while one is in progress, from the events that set, move and copy ptes.

import type { Addr, MmStruct, VmArea } from "../../kernel/common/mm_types.ts";

/** The events at which ptes were set. A pte that is not recorded is older than all unmappings in progress. */
export class PteAges {
  private readonly set_at = new Map<MmStruct, Map<Addr, number>>();

  /** The pte of `address` was set at event number `event`. */
  set(mm: MmStruct, address: Addr, event: number): void {
    let events = this.set_at.get(mm);
    if (events === undefined) this.set_at.set(mm, (events = new Map()));
    events.set(address, event);
  }

  /** A pte that moves stays as old as it is. */
  move(from: MmStruct, old_address: Addr, to: MmStruct, address: Addr): void {
    const event = this.set_at.get(from)?.get(old_address);
    if (event === undefined) this.set_at.get(to)?.delete(address);
    else this.set(to, address, event);
  }

  /** The ptes of a copied vma are as old as those they were copied from. */
  copy(from: VmArea, to: VmArea): void {
    for (const [address, event] of this.set_at.get(from.vm_mm) ?? []) {
      if (address >= to.vm_start && address < to.vm_end) this.set(to.vm_mm, address, event);
    }
  }

  /** Was the pte there before event number `event`? */
  is_older(mm: MmStruct, address: Addr, event: number): boolean {
    return (this.set_at.get(mm)?.get(address) ?? 0) < event;
  }

  reset(): void {
    this.set_at.clear();
  }
}
