// A scenario as the world of a search: set up once, and taken back to there for every execution.

import type { Boot, Verdict, World } from "../../engine/explore/runner.ts";
import type { KernelName } from "../../engine/kernel/kernels.ts";
import { AddressSpace } from "../../engine/kernel/mm_types.ts";
import { Cpu } from "../../engine/machine/cpu.ts";
import type { Machine, Outcome } from "../../engine/machine/machine.ts";
import { final_state } from "../../engine/observe/final_state.ts";
import type { Program } from "../program.ts";
import { Simulation } from "./simulation.ts";

/** The processes of a scenario cannot be set up: its author has to mend it before it can be explored. */
export class SetupFailure extends Error {
  override readonly name = "SetupFailure";
  constructor(readonly outcome: Outcome) {
    super("the processes of the scenario cannot be set up");
  }
}

/** How to start the executions of a scenario on a kernel. Throws a SetupFailure. */
export function explored(program: Program, kernel: KernelName): Boot {
  const simulation = new Simulation(program, { kernel, setup_only: true });
  const { machine } = simulation;
  const outcome = machine.run(Infinity);
  if (outcome.kind !== "end") throw new SetupFailure(outcome);
  const rewind = simulation.rewinder();
  const world = new ScenarioWorld(simulation);
  return (decide) => {
    rewind();
    simulation.begin();
    decide(machine, simulation.setup);
    return world;
  };
}

class ScenarioWorld implements World {
  constructor(private readonly simulation: Simulation) {}

  get machine(): Machine {
    return this.simulation.machine;
  }

  verdict(outcome: Outcome): Verdict | null {
    const { checks } = this.simulation;
    if (outcome.kind === "bug") return { key: outcome.bug.code, message: outcome.bug.message };
    if (outcome.kind === "error") return { key: "error", message: outcome.error.message };
    if (outcome.kind === "deadlock") return { key: "deadlock", message: `${outcome.tasks.map(({ name }) => name).join(", ")} can never go on` };
    if (outcome.kind === "end") checks.end();
    const failed = checks.results.find(({ state }) => state === "failed");
    return failed === undefined ? null : { key: `check ${checks.results.indexOf(failed) + 1}`, message: `${failed.check.text}: ${failed.failure!.why}` };
  }

  roots(): readonly unknown[] {
    const { machine, kernel } = this.simulation.system;
    return [kernel, machine.all_cpus, machine.tasks, ...machine.tasks.map((task) => machine.backtrace(task))];
  }

  state(): string {
    return final_state(this.simulation.system);
  }

  name(object: object): string {
    if (object instanceof Cpu) return `cpu ${object.id}`;
    if (object instanceof AddressSpace) return object.host.name;
    return "name" in object ? String(object.name) : object.constructor.name;
  }
}
