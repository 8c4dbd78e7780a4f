// A scenario as the world of a search: set up once, and taken back to there for every execution.

import { note_accesses } from "../../engine/explore/notes.ts";
import type { Boot, Verdict, World } from "../../engine/explore/runner.ts";
import type { KernelName } from "../../engine/kernel/variants.ts";
import { AddressSpace } from "../../engine/kernel/common/mm_types.ts";
import { digest } from "../../engine/schedule/schedule.ts";
import { check_consistency } from "../../engine/observe/consistency.ts";
import { report_of } from "../../engine/observe/report.ts";
import { Cpu } from "../../engine/machine/cpu.ts";
import type { Machine, Outcome } from "../../engine/machine/machine.ts";
import { final_state } from "../../engine/observe/final_state.ts";
import type { Program } from "../program/program.ts";
import { FUNCTIONS } from "../catalogue/index.ts";
import { usesFunction } from "../program/statements.ts";
import { asksForFigures } from "../run/environment.ts";
import { Simulation, type RunOptions } from "../run/simulation.ts";

/** The processes of a scenario cannot be set up: its author has to mend it before it can be explored. */
export class SetupFailure extends Error {
  override readonly name = "SetupFailure";
  /** @param reason what has become of the set-up, in words */
  constructor(readonly reason: string) {
    super("the processes of the scenario cannot be set up");
  }
}

/**
 * How to start the executions of a scenario on a kernel. They run on plain code unless backtraces are needed; with triggers
 * always on code that can be stopped, as those act in the middle of something. Throws a SetupFailure.
 */
export function explored(program: Program, kernel: KernelName, options: Pick<RunOptions, "replace"> = {}): Boot {
  const usual = new Rewound(program, { ...options, kernel, build: program.triggers.length > 0 ? "stepped" : "plain" });
  let stepped = usual.machine.has_stacks ? usual : null;
  return (decide, stacks) => {
    const rewound = stacks ? (stepped ??= new Rewound(program, { ...options, kernel })) : usual;
    return rewound.start(decide);
  };
}

/** Functions whose values are model times. */
const TIMES: ReadonlySet<string> = new Set(FUNCTIONS.filter(({ result }) => result === "time").map(({ name }) => name));

/** A scenario that has been set up, and begins again from there as often as one likes. */
class Rewound {
  private readonly simulation: Simulation;
  private readonly rewind: () => void;
  private readonly world: ScenarioWorld;

  /** Sets it up. Throws a SetupFailure. */
  constructor(program: Program, options: RunOptions) {
    this.simulation = new Simulation(program, { ...options, setupOnly: true, figures: asksForFigures(program) });
    const outcome = this.machine.run(Infinity);
    if (outcome.kind !== "end") throw new SetupFailure(reasonOf(outcome));
    note_accesses(this.simulation.system);
    this.rewind = this.simulation.rewinder();
    this.world = new ScenarioWorld(this.simulation);
  }

  get machine(): Machine {
    return this.simulation.machine;
  }

  start(decide: Parameters<Boot>[0]): World {
    const { simulation, world } = this;
    this.rewind();
    simulation.begin();
    decide(this.machine, simulation.setup);
    return world;
  }
}

/** What a run has come to, in words. */
export function reasonOf(outcome: Outcome): string {
  if (outcome.kind === "error") return outcome.error.message;
  if (outcome.kind === "limit") return outcome.limit.message;
  return outcome.kind === "bug" ? `${outcome.bug.code}: ${outcome.bug.message}` : outcome.kind;
}

export class ScenarioWorld implements World {
  constructor(private readonly simulation: Simulation) {}

  get machine(): Machine {
    return this.simulation.machine;
  }

  verdict(outcome: Outcome): Verdict | null | undefined {
    if (outcome.kind === "error") return { key: "error", message: outcome.error.message };
    if (outcome.kind === "bug" || outcome.kind === "deadlock") {
      const { code, message } = report_of(outcome, { machine: this.machine, kernel: this.simulation.kernel });
      return { key: code, message };
    }
    if (outcome.kind !== "end") return null;
    const wrong = this.lookIntoBooks();
    return wrong === null ? this.failedCheck() : wrong;
  }

  /**
   * What is wrong with the books; null if nothing is. Only backtraces tell whether a page that is held once too often is lost, or in
   * the hands of somebody who is in the middle of something.
   */
  private lookIntoBooks(): Verdict | null | undefined {
    const { system, machine } = this.simulation;
    if (check_consistency(system, true).length === 0) return null;
    const sure = machine.has_stacks || machine.tasks.every(({ state, started }) => state === "done" || !started);
    const [violation] = check_consistency(system, sure ? undefined : false);
    if (violation !== undefined) return { key: violation.rule, message: violation.message };
    return sure ? null : undefined;
  }

  /** The first check of the scenario that has failed; null if none has. No model time passes here, so nothing is said of those about it. */
  private failedCheck(): Verdict | null {
    const { checks } = this.simulation;
    checks.end([]);
    const at = checks.results.findIndex(({ check, state }) => state === "failed" && check.kind !== "expect" && !usesFunction(check.condition, TIMES));
    if (at < 0) return null;
    const { check, failure } = checks.results[at]!;
    return { key: `check ${at + 1}`, message: `${check.text}: ${failure!.why}` };
  }

  roots(): readonly unknown[] {
    const { machine, kernel } = this.simulation.system;
    return [kernel, machine.all_cpus, machine.tasks, ...machine.tasks.map((task) => machine.backtrace(task))];
  }

  state(): number {
    return digest(final_state(this.simulation.system));
  }

  name(object: object): string {
    const { machine, kernel } = this.simulation.system;
    if (object instanceof Cpu) return `cpu ${object.id}`;
    if (object instanceof AddressSpace) return object.host.name;
    if (object === machine) return "machine";
    if (object === kernel.mem_map) return "mem_map";
    if (object === kernel.mem_map._mapcount) return "mem_map._mapcount";
    return String((object as { readonly name: unknown }).name);
  }
}
