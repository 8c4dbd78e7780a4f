// The kernels that `--kernel` names.

import { KERNEL_NAMES, type KernelName } from "../../engine/kernel/variants.ts";
import { suggest } from "../../scenario/program/suggest.ts";
import type { Options } from "./arguments.ts";
import { did_you_mean, errors } from "./errors.ts";

/** Each kernel that was named, once, in order. Throws a UserError for one that does not exist. */
export function known_kernels(options: Options): KernelName[] {
  return [...new Set(options.all("kernel").map(known_kernel))];
}

/** Throws a UserError if there is no such kernel. */
export function known_kernel(name: string): KernelName {
  const known = KERNEL_NAMES.find((one) => one === name);
  if (known === undefined) throw errors.unknown_kernel(name, KERNEL_NAMES.join(", "), did_you_mean(suggest(name, KERNEL_NAMES)));
  return known;
}
