// The kernels that `--kernel` names.

import { KERNEL_NAMES, type KernelName } from "../../engine/kernel/variants.ts";
import { suggest } from "../../scenario/program/suggest.ts";
import type { Options } from "./arguments.ts";
import { didYouMean, errors } from "./errors.ts";

/** Each kernel that was named, once, in order. Throws a UserError for one that does not exist. */
export function knownKernels(options: Options): KernelName[] {
  return [...new Set(options.all("kernel").map(knownKernel))];
}

/** Throws a UserError if there is no such kernel. */
export function knownKernel(name: string): KernelName {
  const known = KERNEL_NAMES.find((one) => one === name);
  if (known === undefined) throw errors.unknown_kernel(name, KERNEL_NAMES.join(", "), didYouMean(suggest(name, KERNEL_NAMES)));
  return known;
}
