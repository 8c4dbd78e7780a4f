// `npm run bench`: rates of this build on this machine, all of one run. Nothing here is asserted.

import { benchChecks } from "./checks.ts";
import { benchCli } from "./cli.ts";
import { benchDap } from "./dap.ts";
import { benchHistory } from "./history.ts";
import { benchExplorer } from "./explore.ts";
import { benchKernel } from "./kernel.ts";
import { benchMixes } from "./mixes.ts";
import { benchPrioTree, type BenchRow } from "./prio-tree.ts";
import { benchProcesses } from "./processes.ts";

// What runs on one arch comes first: code that has met several is slower from then on.
const rows: BenchRow[] = [
  ...benchKernel(),
  ...benchProcesses(),
  ...benchPrioTree(),
  ...benchMixes(),
  ...benchChecks(),
  ...benchCli(),
  ...benchExplorer(),
  ...(await benchDap()),
  ...(await benchHistory()),
];
for (const { name, rate, unit } of rows) console.log(`${name.padEnd(56)} ${rate.toPrecision(4).padStart(12)} ${unit}`);
