// `lockbreak step`: reads commands from a terminal, a pipe or --command, and executes them.

import { createInterface, type Interface } from "node:readline";
import type { Program } from "../../scenario/program/program.ts";
import type { RunOptions } from "../../scenario/run/simulation.ts";
import { Interrupt } from "../shared/drive.ts";
import { format_integer } from "../shared/format.ts";
import { Sources } from "../shared/sources.ts";
import type { Loaded } from "../shared/load.ts";
import { painter, ProgressLine } from "../shared/terminal.ts";
import { Breakpoints } from "./breakpoints.ts";
import { executeLine, type Stepper } from "./commands.ts";
import { Motions } from "./motions.ts";
import { Session } from "./session.ts";
import { describeStop } from "./stops.ts";

/** Steps through a scenario until its commands come to an end. */
export async function step(loaded: Loaded, program: Program, options: RunOptions, commands: readonly string[]): Promise<void> {
  const session = new Session(program, options, new Sources(loaded, program));
  const interrupt = new Interrupt();
  const stepper: Stepper = {
    session,
    motions: new Motions(session, new ProgressLine(), interrupt),
    breakpoints: new Breakpoints(session),
    paint: painter(process.stdout),
    say: (...lines) => void process.stdout.write(lines.map((line) => `${line}\n`).join("")),
  };
  interrupt.listen();
  try {
    stepper.say(`${program.uri} on kernel ${session.simulation.kernel}. 'help' lists the commands.`);
    const stop = await stepper.motions.begin();
    if (stop !== null) stepper.say(...describeStop(session, stop, stepper.paint, session.pid));
    if (commands.length > 0) await executeAll(stepper, commands);
    else if (process.stdin.isTTY === true) await converse(stepper, interrupt);
    else await executeAll(stepper, createInterface({ input: process.stdin }));
  } finally {
    interrupt.release();
  }
}

/** Where one is in time, before each command. */
function prompt({ session }: Stepper): string {
  return `(step ${format_integer(session.stop.step)} ${session.position()} ${session.whereabouts()}) `;
}

/** A script: every command is shown before what it says, so that the whole can be read. */
async function executeAll(stepper: Stepper, lines: Iterable<string> | AsyncIterable<string>): Promise<void> {
  let last = "";
  for await (const line of lines) {
    const command = line.trim() === "" ? last : line.trim();
    if (command === "" || command.startsWith("#")) continue;
    last = command;
    stepper.say(`${prompt(stepper)}${command}`);
    if (await executeLine(stepper, command)) return;
  }
}

/** A person at a terminal. */
async function converse(stepper: Stepper, interrupt: Interrupt): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout, terminal: true });
  let busy = false;
  terminal.on("SIGINT", () => {
    if (busy) return interrupt.request();
    stepper.say("", "'quit' leaves.");
    terminal.prompt(true);
  });
  let last = "";
  for (const lines = iterate(terminal, () => prompt(stepper)); ; ) {
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
async function* iterate(terminal: Interface, text: () => string): AsyncGenerator<string, void> {
  const lines = terminal[Symbol.asyncIterator]();
  for (;;) {
    terminal.setPrompt(text());
    terminal.prompt();
    const { done, value } = await lines.next();
    if (done === true) return;
    yield value;
  }
}
