// The image: the table of kernel functions through which kernel code calls, so that a variant can replace some of them.
//
// Types only are imported here, and the table is linked at run time: kernel modules import this one for `k`, and would
// otherwise be evaluated in a circle.

import type { common } from "./common.ts";

export type Image = typeof common;

/** The functions of the kernel that is running. */
export let k!: Image;

/** Makes `image` the kernel that runs from now on. */
export function link(image: Image): void {
  k = image;
}
