// The facts that the extension's manifest repeats from the sources.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { KERNEL_NAMES } from "../../src/engine/kernel/variants.ts";
import { MAX_MEMORY } from "../../src/scenario/program/limits.ts";
import { parseSize } from "../../src/scenario/lower/literals.ts";
import { KERNELS } from "../../src/scenario/catalogue/index.ts";

interface Manifest {
  readonly contributes: {
    readonly configurationDefaults: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
    readonly languages: readonly { readonly id: string; readonly filenamePatterns?: readonly string[] }[];
    readonly debuggers: readonly {
      readonly configurationAttributes: {
        readonly launch: {
          readonly properties: { readonly kernel: { readonly enum: readonly string[]; readonly enumDescriptions: readonly string[] } };
        };
      };
      readonly configurationSnippets: readonly { readonly body: { readonly kernel?: string } }[];
    }[];
  };
}

describe("the extension's manifest", () => {
  const { contributes } = JSON.parse(readFileSync(path.resolve("package.json"), "utf8")) as Manifest;

  it("offers all kernels in launch configurations, with the descriptions of the language", () => {
    const [{ configurationAttributes, configurationSnippets }] = contributes.debuggers as [(typeof contributes.debuggers)[0]];
    assert.deepEqual(configurationAttributes.launch.properties.kernel.enum, KERNEL_NAMES);
    assert.deepEqual(
      KERNELS.map(({ name }) => name),
      KERNEL_NAMES,
    );
    assert.deepEqual(
      configurationAttributes.launch.properties.kernel.enumDescriptions,
      KERNELS.map(({ doc }) => doc),
    );
    const choices = configurationSnippets.flatMap(({ body }) => (body.kernel === undefined ? [] : [body.kernel]));
    assert.deepEqual(choices, ["${2|" + KERNEL_NAMES.join(",") + "|}"]);
  });

  it("has the language's own limit of memory as the default", () => {
    assert.equal(parseSize(contributes.configuration.properties["lockbreak.limits.memory"]!.default as string), MAX_MEMORY);
  });

  it("leaves suggestions in scenarios to the language server, which knows what fits", () => {
    assert.equal(contributes.configurationDefaults["[vmscn]"]!["editor.wordBasedSuggestions"], "off");
  });

  it("knows the kernel sources of all kernels by their folders", () => {
    const [pattern] = contributes.languages.find(({ id }) => id === "lockbreak-kernel")!.filenamePatterns!;
    assert.equal(pattern, `/{${["common", ...KERNEL_NAMES].join(",")}}/*.ts`);
  });
});
