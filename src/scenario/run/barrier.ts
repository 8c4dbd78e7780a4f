// `barrier`: tasks wait for each other in user space. The kernel has no part in it but to put them to sleep and to wake them.

import { ACCESS } from "../../engine/machine/accesses.ts";
import type { Kernel } from "../../engine/machine/hooks.ts";
import { machine } from "../../engine/machine/machine.ts";
import { scheduling_point, wait_for, wake_up_process } from "../../engine/machine/sched.ts";
import type { Lockable, Task } from "../../engine/machine/task.ts";
import type { Program } from "../program/program.ts";
import { statementsOf } from "../program/traversal.ts";

export class Barrier implements Lockable {
  readonly rank = null;
  private arrived: Task[] = [];
  /** The tasks that have a call of this barrier and have not ended. */
  private readonly members: Set<Task> = new Set();

  constructor(readonly name: string) {}

  /** The tasks that the arrived ones wait for. */
  holders(): readonly Task[] {
    return [...this.members].filter((task) => !this.arrived.includes(task));
  }

  /** From now on the other members wait for this task. */
  addMember(task: Task): void {
    this.members.add(task);
  }

  /** A task has ended: the other members no longer wait for it. */
  removeMember(task: Task): void {
    machine.accesses?.access(this, "", ACCESS.write);
    if (this.members.delete(task)) this.release();
  }

  /** The current task has arrived; it resumes when all members have. */
  *arrive(): Kernel<void> {
    yield* scheduling_point("write", this);
    machine.accesses?.access(this, "", ACCESS.write);
    const task = machine.current!;
    this.arrived.push(task);
    if (this.holders().length === 0) return this.release();
    yield* wait_for(this);
    machine.accesses?.access(this, "", ACCESS.read);
  }

  private release(): void {
    if (this.holders().length > 0) return;
    const woken = this.arrived.filter((task) => task !== machine.current);
    this.arrived = [];
    for (const task of woken) wake_up_process(task);
  }
}

/** The barriers of a program by name, with the names of the tasks that have a call of each. */
export function barrierMembers({ tasks }: Program): Map<string, readonly string[]> {
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
