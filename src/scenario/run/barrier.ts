// `barrier`: tasks wait for each other in user space. Not a part of the kernel, which only puts them to sleep and wakes them.

import { ACCESS } from "../../engine/machine/accesses.ts";
import type { Kernel } from "../../engine/machine/hooks.ts";
import { machine } from "../../engine/machine/machine.ts";
import { order, wait_for, wake_up_process } from "../../engine/machine/sched.ts";
import type { Lockable, Task } from "../../engine/machine/task.ts";
import type { Program } from "../program/program.ts";
import { statementsOf } from "../program/statements.ts";

export class Barrier implements Lockable {
  readonly rank = null;
  private waiting: Task[] = [];
  /** Tasks that come to it and have not ended. */
  private readonly members: Set<Task> = new Set();

  constructor(readonly name: string) {}

  /** Those who are waited for. */
  holders(): readonly Task[] {
    return [...this.members].filter((task) => !this.waiting.includes(task));
  }

  /** From now on this task is waited for. */
  add(task: Task): void {
    this.members.add(task);
  }

  /** A task has ended: nobody waits for it any more. */
  leave(task: Task): void {
    machine.accesses?.access(this, "", ACCESS.write);
    if (this.members.delete(task)) this.release();
  }

  /** The current task has come; it goes on when all have. */
  *arrive(): Kernel<void> {
    yield* order("write", this);
    machine.accesses?.access(this, "", ACCESS.write);
    const task = machine.current!;
    this.waiting.push(task);
    if (this.holders().length === 0) return this.release();
    yield* wait_for(this);
    machine.accesses?.access(this, "", ACCESS.read);
  }

  private release(): void {
    if (this.holders().length > 0) return;
    const woken = this.waiting.filter((task) => task !== machine.current);
    this.waiting = [];
    for (const task of woken) wake_up_process(task);
  }
}

/** The barriers of a program by name, and the names of the tasks that come to each. */
export function barriersOf({ tasks }: Program): Map<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { name, body } of tasks) {
    for (const statement of statementsOf(body)) {
      if (statement.kind !== "call" || statement.call !== "barrier" || statement.args.name?.kind !== "text") continue;
      const members = found.get(statement.args.name.value) ?? [];
      found.set(statement.args.name.value, members);
      if (!members.includes(name)) members.push(name);
    }
  }
  return found;
}
