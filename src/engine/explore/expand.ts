// The step of the bounded search: one execution, and the executions that have to be looked at because of it.
//
// Each race is undone where it was: instead of the first of the two, the process of the second goes on there, or everybody
// who could if that one could not. Under a bound on preemptions that may be one too many, where it costs nothing at the last
// switch before: so the same is done there (Coons, Musuvathi, McKinley: Bounded partial-order reduction, 2013).
// What has to be looked at depends on this one execution alone. So whoever does it, in whatever order, the same set results.

import { format_turns, parse_turns, type Turn } from "../machine/schedule.ts";
import { Races } from "./races.ts";
import type { Runner, Verdict } from "./runner.ts";

/** An execution to be looked at: forced up to its last turn, by default from there on. */
export interface Item {
  /** As format_turns writes it. */
  readonly turns: string;
  readonly preemptions: number;
}

export interface Expansion {
  readonly items: readonly Item[];
  readonly verdict: Verdict | null;
  readonly state: string;
  readonly units: number;
  readonly preemptions: number;
  /** It had too many units. */
  readonly cut: boolean;
}

export class Expander {
  private readonly races: Races;
  private items: Item[] = [];
  private added = new Set<string>();

  constructor(private readonly runner: Runner) {
    this.races = new Races(runner.trace);
  }

  expand(turns: string): Expansion {
    const { runner } = this;
    const { trace } = runner;
    const forced = parse_turns(turns);
    runner.run(forced);
    const verdict = runner.world.verdict(runner.outcome);
    this.items = [];
    this.added = new Set();
    const from = forced.reduce((sum, { units }) => sum + units, 0) - 1;
    const { processes } = runner.policy;
    this.races.analyse(processes.length, from, runner.intents(), (process) => {
      for (const rival of this.races.rivals) this.reverse(rival, process);
    });
    if (runner.outcome.kind === "bug" || runner.outcome.kind === "error") this.instead_of_the_end();
    const last = trace.length - 1;
    return {
      items: this.items,
      verdict,
      state: runner.world.state(),
      units: trace.length,
      preemptions: trace.preemptions_before(last + 1),
      cut: runner.outcome.kind === "limit",
    };
  }

  /** A bug ends the run for everybody: whatever others could have done before it is something else. */
  private instead_of_the_end(): void {
    const unit = this.runner.trace.length - 1;
    for (let process = 0; process < this.runner.policy.processes.length; process++) this.reverse(unit, process);
  }

  /** `process` goes on instead of the unit `rival`, and where the turn began to which that belongs. */
  private reverse(rival: number, process: number): void {
    this.add(rival, process);
    const { trace } = this.runner;
    const owner = trace.process[rival]!;
    let begin = rival;
    while (begin > 0 && (trace.process[begin - 1] === owner || trace.interrupts(begin - 1))) begin--;
    while (trace.process[begin] !== owner) begin++;
    if (begin !== rival) this.add(begin, process);
  }

  private add(unit: number, process: number): void {
    const { trace } = this.runner;
    const others = trace.enabled[unit]! & ~(1 << trace.process[unit]!);
    if ((others & (1 << process)) !== 0) this.item(unit, process);
    else for (let other = 0; others >>> other !== 0; other++) if ((others & (1 << other)) !== 0) this.item(unit, other);
  }

  private item(unit: number, process: number): void {
    const { trace, policy } = this.runner;
    const turns: { process: string; units: number }[] = [];
    const push = (one: number): void => {
      const name = policy.name(one);
      const turn = turns.at(-1);
      if (turn?.process === name) turn.units += 1;
      else turns.push({ process: name, units: 1 });
    };
    for (let at = 0; at < unit; at++) push(trace.process[at]!);
    push(process);
    const text = format_turns(turns satisfies Turn[]);
    if (this.added.has(text)) return;
    this.added.add(text);
    this.items.push({ turns: text, preemptions: trace.preemptions_before(unit) + trace.cost(unit, process) });
  }
}
