// A scenario as the world of a search: set up once, and restored to that state before every execution.

import { note_accesses } from "../../engine/explore/tracepoint_accesses.ts";
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
import { usesFunction } from "../program/traversal.ts";
import { usesStatistics } from "../run/bindings.ts";
import { Simulation, type RunOptions } from "../run/simulation.ts";

/** The processes of a scenario cannot be set up: the scenario has to be corrected before it can be explored. */
export class SetupFailure extends Error {
  override readonly name = "SetupFailure";
  /** @param reason how the set-up has ended, in words */
  constructor(readonly reason: string) {
    super("the processes of the scenario cannot be set up");
  }
}

/**
 * Starts the executions of a scenario on a kernel. They run on plain code unless backtraces are needed; with triggers always on
 * steppable code, as a trigger stops a task between two statements. Throws a SetupFailure.
 */
export function scenarioBoot(program: Program, kernel: KernelName, options: Pick<RunOptions, "overrides"> = {}): Boot {
  const primary = new SetUpScenario(program, { ...options, kernel, build: program.triggers.length > 0 ? "steppable" : "plain" });
  let withStacks = primary.machine.has_stacks ? primary : null;
  return (decide, stacks) => {
    const snapshot = stacks ? (withStacks ??= new SetUpScenario(program, { ...options, kernel })) : primary;
    return snapshot.start(decide);
  };
}

/** Functions whose values are model times. */
const TIME_FUNCTIONS: ReadonlySet<string> = new Set(FUNCTIONS.filter(({ result }) => result === "time").map(({ name }) => name));

/** A scenario that has been set up, and can be restarted from that state any number of times. */
class SetUpScenario {
  private readonly simulation: Simulation;
  private readonly restore: () => void;
  private readonly world: ScenarioWorld;

  /** Sets it up. Throws a SetupFailure. */
  constructor(program: Program, options: RunOptions) {
    this.simulation = new Simulation(program, { ...options, setupOnly: true, statistics: usesStatistics(program) });
    const outcome = this.machine.run(Infinity);
    if (outcome.kind !== "end") throw new SetupFailure(outcomeReason(outcome));
    note_accesses(this.simulation.system);
    this.restore = this.simulation.createRestorePoint();
    this.world = new ScenarioWorld(this.simulation);
  }

  get machine(): Machine {
    return this.simulation.machine;
  }

  start(decide: Parameters<Boot>[0]): World {
    const { simulation, world } = this;
    this.restore();
    simulation.startTasks();
    decide(this.machine, simulation.setup);
    return world;
  }
}

/** The outcome of a run in words. */
export function outcomeReason(outcome: Outcome): string {
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
    const violation = this.consistencyViolation();
    return violation === null ? this.failedCheck() : violation;
  }

  /**
   * A violation of the accounting invariants; null if they hold. Only backtraces tell whether a page with one reference too many has
   * leaked, or is referenced by a task in the middle of a function: undefined if they are needed.
   */
  private consistencyViolation(): Verdict | null | undefined {
    const { system, machine } = this.simulation;
    if (check_consistency(system, true).length === 0) return null;
    const conclusive = machine.has_stacks || machine.tasks.every(({ state, started }) => state === "done" || !started);
    const [violation] = check_consistency(system, conclusive ? undefined : false);
    if (violation !== undefined) return { key: violation.rule, message: violation.message };
    return conclusive ? null : undefined;
  }

  /** The first check of the scenario that has failed; null if none has. Model time is frozen, so checks of times are ignored. */
  private failedCheck(): Verdict | null {
    const { checks } = this.simulation;
    checks.runEnded([]);
    const at = checks.results.findIndex(
      ({ check, state }) => state === "failed" && check.kind !== "expect" && !usesFunction(check.condition, TIME_FUNCTIONS),
    );
    if (at < 0) return null;
    const { check, failure } = checks.results[at]!;
    return { key: `check ${at + 1}`, message: `${check.text}: ${failure!.why}` };
  }

  state_roots(): readonly unknown[] {
    const { machine, kernel } = this.simulation.system;
    return [kernel, machine.all_cpus, machine.tasks, ...machine.tasks.map((task) => machine.backtrace(task))];
  }

  state_digest(): number {
    return digest(final_state(this.simulation.system));
  }

  name_of(object: object): string {
    const { machine, kernel } = this.simulation.system;
    if (object instanceof Cpu) return `cpu ${object.id}`;
    if (object instanceof AddressSpace) return object.host.name;
    if (object === machine) return "machine";
    if (object === kernel.mem_map) return "mem_map";
    if (object === kernel.mem_map._mapcount) return "mem_map._mapcount";
    return String((object as { readonly name: unknown }).name);
  }
}
