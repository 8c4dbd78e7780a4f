// The step of the bounded search: one execution, and the executions that have to be looked at because of it.
//
// Each race is undone where it was: instead of the first of the two, the process of the second goes on there, or everybody
// who could if that one could not. Under a bound on preemptions that may be one too many, where it costs nothing at the last
// switch before: so the same is done there (Coons, Musuvathi, McKinley: Bounded partial-order reduction, 2013).
// What has to be looked at depends on this one execution alone. So whoever does it, in whatever order, the same set results.

import { ACCESS, type AccessKind } from "../machine/accesses.ts";
import { MAX_PROCESSES } from "../schedule/choice.ts";
import { format_turns, parse_turns } from "../schedule/schedule.ts";
import { Races } from "./races.ts";
import type { Runner } from "./runner.ts";

/** Kinds of access, as bit masks. */
const TAKING = mask(ACCESS.acquire, ACCESS.acquire_waited, ACCESS.arrive, ACCESS.take, ACCESS.take_read);
const RELEASING = mask(ACCESS.release, ACCESS.give, ACCESS.give_read);

function mask(...kinds: readonly AccessKind[]): number {
  return kinds.reduce<number>((bits, kind) => bits | (1 << kind), 0);
}

/** An execution to be looked at: forced up to its last turn, by default from there on. */
export interface Item {
  /** As format_turns writes it. */
  readonly turns: string;
  readonly preemptions: number;
  /** Decisions before this unit are not to be changed because of it: somebody else looks at what comes of that. */
  readonly floor: number;
}

export class Expander {
  private readonly races: Races;
  private items: Item[] = [];
  /** By unit and process: what has been added of this execution. */
  private added = new Set<number>();
  private floor = 0;

  constructor(private readonly runner: Runner) {
    this.races = new Races(runner.trace);
  }

  /** Executes an item; what has to be looked at because of it. */
  expand({ turns, floor }: Item): readonly Item[] {
    const { runner } = this;
    const forced = parse_turns(turns);
    runner.run(forced);
    this.items = [];
    this.added = new Set();
    this.floor = floor;
    const from = forced.reduce((sum, { units }) => sum + units, 0) - 1;
    this.races.analyse(runner.policy.processes.length, from, runner.intents(), (process, unit) => {
      const wanted = this.wanted(process, unit);
      this.races.rivals.forEach((rival, at) => {
        if (!this.races.is_overtaken(at)) this.reverse(rival, process, wanted);
      });
    });
    if (runner.ended_early) this.instead_of_the_end();
    return this.items;
  }

  /**
   * Executes what goes by default; all that deviate from it, each with its first other decision. Whoever looks at some of them
   * and at what they lead to need not know of the others.
   */
  split(): readonly Item[] {
    const { trace } = this.runner;
    this.runner.run([]);
    this.items = [];
    this.added = new Set();
    for (let unit = 0; unit < trace.length; unit++) {
      this.floor = unit + 1;
      this.others(unit, trace.enabled[unit]! & ~(1 << trace.process[unit]!));
    }
    return this.items;
  }

  /** Whatever others could have done before the run was over for everybody. */
  private instead_of_the_end(): void {
    const unit = this.runner.trace.length - 1;
    for (let process = 0; process < this.runner.policy.processes.length; process++) this.reverse(unit, process, this.wanted(process, unit));
  }

  /**
   * `process` goes on instead of the unit `rival`; where the turn began to which that belongs; and within that turn where it
   * would soon have to wait for something `wanted`, so that going back to the other one costs nothing.
   */
  private reverse(rival: number, process: number, wanted: ReadonlySet<number>): void {
    this.add(rival, process);
    const { trace } = this.runner;
    const owner = trace.process[rival]!;
    let begin = rival;
    while (begin > 0 && (trace.process[begin - 1] === owner || trace.interrupts(begin - 1))) begin--;
    while (trace.process[begin] !== owner) begin++;
    if (begin !== rival) this.add(begin, process);
    for (let at = begin + 1; at < rival; at++) if (trace.process[at] === owner && this.releases(at, wanted)) this.add(at, process);
  }

  /** What a process takes from `unit` on. */
  private wanted(process: number, unit: number): ReadonlySet<number> {
    const { trace } = this.runner;
    const wanted = new Set<number>();
    for (let at = unit; at < trace.length; at++) {
      if (trace.process[at] !== process) continue;
      for (let access = trace.begin[at]!; access < trace.end(at); access++) if ((TAKING & (1 << trace.kind[access]!)) !== 0) wanted.add(trace.object[access]!);
    }
    return wanted;
  }

  private releases(unit: number, objects: ReadonlySet<number>): boolean {
    const { trace } = this.runner;
    for (let access = trace.begin[unit]!; access < trace.end(unit); access++) if ((RELEASING & (1 << trace.kind[access]!)) !== 0 && objects.has(trace.object[access]!)) return true;
    return false;
  }

  private add(unit: number, process: number): void {
    if (unit < this.floor) return;
    const { trace } = this.runner;
    const others = trace.enabled[unit]! & ~(1 << trace.process[unit]!);
    if ((others & (1 << process)) !== 0) this.item(unit, process);
    else this.others(unit, others);
  }

  private others(unit: number, processes: number): void {
    for (let process = 0; processes >>> process !== 0; process++) if ((processes & (1 << process)) !== 0) this.item(unit, process);
  }

  private item(unit: number, process: number): void {
    const { runner } = this;
    const { trace, policy } = runner;
    const key = unit * MAX_PROCESSES + process;
    if (this.added.has(key)) return;
    this.added.add(key);
    const turns = runner.turns_of(0, unit);
    const name = policy.name(process);
    const last = turns.at(-1);
    const text = format_turns(last?.process === name ? [...turns.slice(0, -1), { process: name, units: last.units + 1 }] : [...turns, { process: name, units: 1 }]);
    this.items.push({ turns: text, preemptions: trace.preemptions_before(unit) + trace.cost(unit, process), floor: this.floor });
  }
}
