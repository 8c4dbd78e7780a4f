// Parses the option `--kernel`.

import { KERNEL_NAMES, type KernelName } from "../../engine/kernel/variants.ts";
import { nearestName } from "../../scenario/program/spelling.ts";
import type { CliOptions } from "./arguments.ts";
import { didYouMean, cliErrors } from "./errors.ts";

/** The requested kernels, each once, in order. Throws a UserError for one that does not exist. */
export function requestedKernels(options: CliOptions): KernelName[] {
  return [...new Set(options.all("kernel").map(kernelNamed))];
}

/** The kernel of this name. Throws a UserError if there is none. */
export function kernelNamed(name: string): KernelName {
  const known = KERNEL_NAMES.find((one) => one === name);
  if (known === undefined) throw cliErrors.unknownKernel(name, KERNEL_NAMES.join(", "), didYouMean(nearestName(name, KERNEL_NAMES)));
  return known;
}
