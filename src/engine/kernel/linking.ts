// Links images: the common functions, with those of a kernel's own files in their places, in each of the builds.

import { common } from "./common_functions.ts";
import type { Image } from "./image.ts";
import { KERNEL_FILES, type KernelFiles, type KernelName } from "./variants.ts";

/** The builds of a kernel's functions, and the suffix of the functions' names in each (tools/instrument). */
const BUILD_SUFFIX = {
  /** Can be stopped before every statement. */
  steppable: "",
  /** The same, with a barrier before every write. */
  watched: "$watched",
  /** Neither, and without backtraces. */
  plain: "$plain",
} as const;

export type Build = keyof typeof BUILD_SUFFIX;

/**
 * The image that the functions of a kernel make. Those that were built in one way only are the same in all images. The cast is
 * the linker's: a kernel has no symbol that it does not call. The spread makes an object whose functions are looked up as fast
 * as fields.
 */
function link_image(files: KernelFiles, suffix: string): Image {
  const all = Object.values(files).reduce((image: Record<string, unknown>, { functions }) => ({ ...image, ...functions }), { ...common });
  const names = Object.keys(all).filter((name) => !name.includes("$"));
  return { ...Object.fromEntries(names.map((name) => [name, all[name + suffix] ?? all[name]])) } as unknown as Image;
}

/** The images that have been asked for. */
const linked_images = new Map<string, Image>();

/** The functions of a kernel, linked when they are first asked for: a run needs one image of many, and each takes a millisecond. */
export function image_of(name: KernelName, build: Build = "steppable"): Image {
  const key = name + BUILD_SUFFIX[build];
  let image = linked_images.get(key);
  if (image === undefined) linked_images.set(key, (image = link_image(KERNEL_FILES[name], BUILD_SUFFIX[build])));
  return image;
}

/** Images in which functions were replaced, by the functions that replace them. */
const overlaid_images = new WeakMap<Partial<Image>, Map<Image, Image>>();

/** An image with the functions of `overrides` in place of its own, made once for each pair. */
export function image_with(image: Image, overrides: Partial<Image>): Image {
  const images = overlaid_images.get(overrides) ?? new Map<Image, Image>();
  overlaid_images.set(overrides, images);
  const linked_image = images.get(image) ?? { ...image, ...overrides };
  images.set(image, linked_image);
  return linked_image;
}
