// `lockbreak step`: reads commands from a terminal, a pipe or --command, and executes them.

import { createInterface, type Interface } from "node:readline";
import type { Program } from "../../scenario/program/program.ts";
import type { RunOptions } from "../../scenario/run/simulation.ts";
import { Interrupt } from "../shared/run-operation.ts";
import { format_integer } from "../shared/format.ts";
import { SourceIndex } from "../shared/source-index.ts";
import type { LoadedScenario } from "../shared/load-scenario.ts";
import { stylerFor, ProgressLine } from "../shared/terminal.ts";
import { StepperBreakpoints } from "./breakpoints.ts";
import { executeLine, type Stepper } from "./commands.ts";
import { StepperControl } from "./stepper-control.ts";
import { StepperSession } from "./stepper-session.ts";
import { stopLines } from "./stops.ts";

/** Steps through a scenario until its commands come to an end. */
export async function runStepper(
  loaded: LoadedScenario,
  program: Program,
  options: RunOptions,
  commands: readonly string[],
): Promise<void> {
  const session = new StepperSession(program, options, new SourceIndex(loaded, program));
  const interrupt = new Interrupt();
  const stepper: Stepper = {
    session,
    control: new StepperControl(session, new ProgressLine(), interrupt),
    breakpoints: new StepperBreakpoints(session),
    styled: stylerFor(process.stdout),
    print: (...lines) => void process.stdout.write(lines.map((line) => `${line}\n`).join("")),
  };
  interrupt.listen();
  try {
    stepper.print(`${program.uri} on kernel ${session.simulation.kernel}. 'help' lists the commands.`);
    const stop = await stepper.control.begin();
    if (stop !== null) stepper.print(...stopLines(session, stop, stepper.styled, session.pid));
    if (commands.length > 0) await runScript(stepper, commands);
    else if (process.stdin.isTTY === true) await runInteractive(stepper, interrupt);
    else await runScript(stepper, createInterface({ input: process.stdin }));
  } finally {
    interrupt.release();
  }
}

/** The prompt: the position in time before each command. */
function prompt({ session }: Stepper): string {
  return `(step ${format_integer(session.stop.step)} ${session.position()} ${session.timeAndTask()}) `;
}

/** Executes a script. Each command is printed before its output. */
async function runScript(stepper: Stepper, lines: Iterable<string> | AsyncIterable<string>): Promise<void> {
  let last = "";
  for await (const line of lines) {
    const command = line.trim() === "" ? last : line.trim();
    if (command === "" || command.startsWith("#")) continue;
    last = command;
    stepper.print(`${prompt(stepper)}${command}`);
    if (await executeLine(stepper, command)) return;
  }
}

/** Executes the commands that the user types at a terminal. */
async function runInteractive(stepper: Stepper, interrupt: Interrupt): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout, terminal: true });
  let busy = false;
  terminal.on("SIGINT", () => {
    if (busy) return interrupt.request();
    stepper.print("", "'quit' leaves.");
    terminal.prompt(true);
  });
  let last = "";
  for (const lines = promptedLines(terminal, () => prompt(stepper)); ;) {
    const { done, value } = await lines.next();
    if (done === true) break;
    const command = value.trim() === "" ? last : value.trim();
    if (command === "") continue;
    last = command;
    busy = true;
    const leave = await executeLine(stepper, command);
    busy = false;
    if (leave) break;
  }
  terminal.close();
}

/** The lines that are typed, a prompt before each. */
async function* promptedLines(terminal: Interface, text: () => string): AsyncGenerator<string, void> {
  const lines = terminal[Symbol.asyncIterator]();
  for (;;) {
    terminal.setPrompt(text());
    terminal.prompt();
    const { done, value } = await lines.next();
    if (done === true) return;
    yield value;
  }
}
