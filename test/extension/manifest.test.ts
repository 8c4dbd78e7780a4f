// What the extension's manifest has to repeat of what is said elsewhere.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { KERNEL_NAMES } from "../../src/engine/kernel/kernels.ts";
import { MAX_MEMORY } from "../../src/scenario/limits.ts";
import { readSize } from "../../src/scenario/lower/literals.ts";

interface Manifest {
  readonly contributes: {
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
    readonly languages: readonly { readonly id: string; readonly filenamePatterns?: readonly string[] }[];
    readonly debuggers: readonly { readonly configurationAttributes: { readonly launch: { readonly properties: { readonly kernel: { readonly enum: readonly string[] } } } } }[];
  };
}

describe("the extension's manifest", () => {
  const { contributes } = JSON.parse(readFileSync(path.resolve("package.json"), "utf8")) as Manifest;

  it("offers all kernels in launch configurations", () => {
    assert.deepEqual(contributes.debuggers[0]!.configurationAttributes.launch.properties.kernel.enum, KERNEL_NAMES);
  });

  it("has the language's own limit of memory as the default", () => {
    assert.equal(readSize(contributes.configuration.properties["lockbreak.limits.memory"]!.default as string), MAX_MEMORY);
  });

  it("knows the kernel sources of all kernels by their folders", () => {
    const [pattern] = contributes.languages.find(({ id }) => id === "lockbreak-kernel")!.filenamePatterns!;
    assert.equal(pattern, `/{${["common", ...KERNEL_NAMES].join(",")}}/*.ts`);
  });
});
