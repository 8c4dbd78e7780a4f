// Links images: the common functions with those of a kernel's own files laid over them, in each of the builds.

import { common } from "./common_functions.ts";
import type { Image } from "./image.ts";
import { FILES, type Files, type KernelName } from "./variants.ts";

/** How the build has made the functions of a kernel, and what their names end with then (tools/instrument). */
const BUILDS = {
  /** Can be stopped before every statement. */
  stepped: "",
  /** The same, with a barrier before every write. */
  watched: "$watched",
  /** Neither, and without stacks. */
  plain: "$plain",
} as const;

export type Build = keyof typeof BUILDS;

/**
 * The image that the functions of a kernel make. Those that were built in one way only are the same in all images. The cast is
 * the linker's: a kernel has no symbol that it does not call. Spread at last: only so are functions of an image found as fast
 * as fields.
 */
function link_image(files: Files, ending: string): Image {
  const all = Object.values(files).reduce((image: Record<string, unknown>, { functions }) => ({ ...image, ...functions }), { ...common });
  const names = Object.keys(all).filter((name) => !name.includes("$"));
  return { ...Object.fromEntries(names.map((name) => [name, all[name + ending] ?? all[name]])) } as unknown as Image;
}

/** The images that have been asked for. */
const linked = new Map<string, Image>();

/** The functions of a kernel, linked when they are first asked for: a run needs one image of many, and each takes a millisecond. */
export function image_of(name: KernelName, build: Build = "stepped"): Image {
  const key = name + BUILDS[build];
  let image = linked.get(key);
  if (image === undefined) linked.set(key, (image = link_image(FILES[name], BUILDS[build])));
  return image;
}

/** Images with functions laid over them, by those. */
const replaced = new WeakMap<Partial<Image>, Map<Image, Image>>();

/** An image with `replace` laid over it, made once for the two. */
export function image_with(image: Image, replace: Partial<Image>): Image {
  const made = replaced.get(replace) ?? new Map<Image, Image>();
  replaced.set(replace, made);
  const found = made.get(image) ?? { ...image, ...replace };
  made.set(image, found);
  return found;
}
