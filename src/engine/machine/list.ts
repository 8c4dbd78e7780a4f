// Doubly linked circular lists as the kernel keeps them (include/linux/list.h). The link is a member of the object it
// links, and the list itself is one link more, so an object can be taken out without knowing the list.

import { BUG } from "./bug.ts";

/** A link, or the head, of a list of `T`. An empty head and an unlinked link point to themselves. */
export class ListHead<T> {
  next: ListHead<T> = this;
  prev: ListHead<T> = this;

  /** @param entry the object this link is a member of; null for the head of a list */
  constructor(readonly entry: T | null = null) {}
}

/** The object that a link belongs to. A head belongs to none: asking for it is a kernel bug. */
export function list_entry<T>(link: ListHead<T>): T {
  return link.entry ?? BUG("list-entry", "the head of a list was taken for one of its entries");
}

/** True if nothing is linked to `head`. */
export function list_empty<T>(head: ListHead<T>): boolean {
  return head.next === head;
}

/** Links `link` right behind `head`. */
export function list_add<T>(link: ListHead<T>, head: ListHead<T>): void {
  insert_between(link, head, head.next);
}

/** Links `link` right before `head`: at the end of the list. */
export function list_add_tail<T>(link: ListHead<T>, head: ListHead<T>): void {
  insert_between(link, head.prev, head);
}

/** Takes `link` out of its list and leaves it unlinked (the kernel's list_del_init). */
export function list_del<T>(link: ListHead<T>): void {
  link.prev.next = link.next;
  link.next.prev = link.prev;
  link.next = link;
  link.prev = link;
}

function insert_between<T>(link: ListHead<T>, prev: ListHead<T>, next: ListHead<T>): void {
  link.prev = prev;
  link.next = next;
  prev.next = link;
  next.prev = link;
}
