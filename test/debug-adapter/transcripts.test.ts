// Whole sessions, message by message, against the texts in the folder `transcripts`. RESET_RESULTS=1 writes them anew.

import type { DebugProtocol } from "@vscode/debugprotocol";
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Client } from "./client.ts";
import { Player, SCRIPTS } from "./scripts.ts";
import { closeAll, connect, scenario } from "./support.ts";
import { KERNEL, Transcript } from "./transcript.ts";

const FOLDER = path.resolve("test/debug-adapter/transcripts");

function check(name: string, client: Client, program: string): void {
  compare(name, new Transcript({ [program]: "<program>", [path.basename(program)]: "<name>", [KERNEL]: "<kernel>" }).text(client.messages));
}

function compare(name: string, text: string): void {
  const file = path.join(FOLDER, `${name}.txt`);
  if (process.env["RESET_RESULTS"] === "1") {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, text);
  }
  assert.equal(text, existsSync(file) ? readFileSync(file, "utf8") : "", `see ${file}`);
}

/** The requests that each capability stands for, or what its requests carry. */
const CAPABILITIES: Readonly<Record<string, readonly string[]>> = {
  supportsConfigurationDoneRequest: ["→ configurationDone"],
  supportsFunctionBreakpoints: ["→ setFunctionBreakpoints"],
  supportsConditionalBreakpoints: ['"condition":'],
  supportsHitConditionalBreakpoints: ['"hitCondition":'],
  supportsLogPoints: ['"logMessage":'],
  supportsBreakpointLocationsRequest: ["→ breakpointLocations"],
  supportsExceptionFilterOptions: ['"filterOptions":'],
  supportsExceptionInfoRequest: ["→ exceptionInfo"],
  exceptionBreakpointFilters: ["→ setExceptionBreakpoints"],
  supportsDataBreakpoints: ["→ dataBreakpointInfo", "→ setDataBreakpoints"],
  supportsReadMemoryRequest: ["→ readMemory"],
  supportsSetVariable: ["→ setVariable"],
  supportsSetExpression: ["→ setExpression"],
  supportsSingleThreadExecutionRequests: ['"singleThread":true'],
  supportsStepBack: ["→ stepBack", "→ reverseContinue"],
  supportsRestartFrame: ["→ restartFrame"],
  supportsGotoTargetsRequest: ["→ gotoTargets", "→ goto "],
  supportsStepInTargetsRequest: ["→ stepInTargets", '→ stepIn {"threadId":2,"targetId":'],
  supportsRestartRequest: ["→ restart "],
  supportsModulesRequest: ["→ modules"],
  supportsTerminateRequest: ["→ terminate"],
  supportsCancelRequest: ["→ cancel"],
  supportsDelayedStackTraceLoading: ['"totalFrames":'],
  supportsEvaluateForHovers: ["→ evaluate"],
  supportsCompletionsRequest: ["→ completions"],
  completionTriggerCharacters: ["→ completions"],
  supportsClipboardContext: ['"context":"clipboard"'],
  supportsValueFormattingOptions: ['"format":{"hex":true}'],
  supportsLoadedSourcesRequest: ["→ loadedSources", "→ source "],
};

describe("the transcript of", () => {
  afterEach(closeAll);

  it("the capabilities", async () => {
    const client = await connect();
    compare("capabilities", `${JSON.stringify(await client.initialize(), null, 2)}\n`);
  });

  for (const { name, program, args = {}, setup, run } of SCRIPTS) {
    it(name, async () => {
      const file = path.isAbsolute(program) ? program : scenario(program);
      const client = await connect();
      await client.launch({ program: file, ...args }, setup);
      const player = new Player(client, file);
      if (name === "no-debug") await client.event("terminated");
      else player.threadId = (await client.stopped()).threadId;
      await run(player);
      // Events after the last stop have arrived before the response to this request.
      if (client.left("terminated").length === 0) await client.ask("threads");
      check(name, client, file);
    });
  }

  it("mistakes", async () => {
    const program = scenario("file data size 1M\ntask t in nobody on cpu 0 { }\n");
    const client = await connect();
    await client.initialize();
    await client.refused("launch", { program });
    await client.refused("next", { threadId: 1 });
    await client.refused("evaluate", { expression: "1 +" });
    await client.ask("setBreakpoints", { source: { path: program }, breakpoints: [{ line: 1 }] });
    await client.ask("setExceptionBreakpoints", {
      filters: ["lockbreak"],
      filterOptions: [{ filterId: "restart", condition: "vma ==" }, { filterId: "nothing" }],
    });
    check("mistakes", client, program);
  });
});

describe("capabilities", () => {
  afterEach(closeAll);

  it("are all exercised by a transcript", async () => {
    const client = await connect();
    const declared = (await client.initialize()) as DebugProtocol.Capabilities;
    const text = readdirSync(FOLDER)
      .map((file) => readFileSync(path.join(FOLDER, file), "utf8"))
      .join("");
    assert.deepEqual(Object.keys(declared).sort(), Object.keys(CAPABILITIES).sort());
    for (const [name, signs] of Object.entries(CAPABILITIES))
      for (const sign of signs) assert.ok(text.includes(sign), `${name}: no transcript has ${sign}`);
    assert.ok(readdirSync(FOLDER).length >= 25);
  });

  it("are complete: other requests are answered with an error", async () => {
    const client = await connect({ check: false });
    await client.initialize();
    for (const command of [
      "attach",
      "disassemble",
      "locations",
      "runInTerminal",
      "setInstructionBreakpoints",
      "startDebugging",
      "terminateThreads",
      "writeMemory",
      "lockbreak/nothing",
      "constructor",
    ]) {
      assert.equal(await client.refused(command, {}), `This debugger does not support the request '${command}'.`);
    }
  });
});
