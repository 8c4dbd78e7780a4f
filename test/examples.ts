// The example scenarios, those in folders included, without the divergent one.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export interface Example {
  /** Its path below examples/: `textbook/break-and-restart.vmscn`. */
  readonly name: string;
  readonly text: string;
}

/** A scenario for the explorer, whose tasks never end. */
const DIVERGENT = "races/K10-endless.vmscn";

export const EXAMPLES: readonly Example[] = readdirSync("examples", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".vmscn"))
  .map((file) => file.split(path.sep).join("/"))
  .filter((name) => name !== DIVERGENT)
  .sort()
  .map((name) => ({ name, text: example(name) }));

/** The text of an example. */
export function example(name: string): string {
  return readFileSync(path.join("examples", name), "utf8");
}
