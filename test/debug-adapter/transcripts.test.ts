// Whole sessions, message by message, against the texts in the folder `transcripts`. RESET_RESULTS=1 writes them anew.

import type { DebugProtocol } from "@vscode/debugprotocol";
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Client } from "./client.ts";
import { close_all, connect, EXAMPLE, scenario, TWO_BREAKS } from "./support.ts";
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

/** Everything that an editor asks for when the execution has stopped. */
async function look(client: Client, threadId: number): Promise<void> {
  await client.ask("threads");
  const [frame] = await client.stack(threadId);
  const { scopes } = (await client.ask("scopes", { frameId: frame!.id })) as DebugProtocol.ScopesResponse["body"];
  for (const { name, variablesReference } of scopes) if (name !== "Locks") await client.ask("variables", { variablesReference });
}

describe("the transcript of", () => {
  afterEach(close_all);

  it("what the adapter can do", async () => {
    const client = await connect();
    compare("capabilities", `${JSON.stringify(await client.initialize(), null, 2)}\n`);
  });

  it("a walk through a lockbreak, and back", async () => {
    const client = await connect();
    await client.launch({ program: EXAMPLE }, { filters: ["bug", "check", "lockbreak"], lines: { [EXAMPLE]: [27] } });
    let { threadId } = await client.stopped();
    await look(client, threadId);
    ({ threadId } = await client.go("continue"));
    await look(client, threadId);
    await client.watch("details->restart_addr", threadId);
    for (const command of ["next", "next", "stepIn", "stepBack", "stepBack", "reverseContinue", "reverseContinue"]) await client.go(command, { threadId });
    // What is told after the last stop has arrived when this is answered.
    await client.ask("threads");
    check("lockbreak", client, EXAMPLE);
  });

  it("a run whose check fails, to its end", async () => {
    const program = scenario(TWO_BREAKS.replace("== 2", "== 3"));
    const client = await connect();
    await client.launch({ program }, { filters: ["bug", "check"] });
    const { threadId } = await client.stopped();
    await look(client, threadId);
    await client.ask("exceptionInfo", { threadId });
    await client.ask("continue", { threadId });
    await client.event("terminated");
    check("failed-check", client, program);
  });

  it("mistakes", async () => {
    const program = scenario("file data size 1M\ntask t in nobody on cpu 0 { }\n");
    const client = await connect();
    await client.initialize();
    await client.refused("launch", { program });
    await client.refused("next", { threadId: 1 });
    await client.refused("evaluate", { expression: "1 +" });
    await client.ask("setBreakpoints", { source: { path: program }, breakpoints: [{ line: 1 }] });
    await client.ask("setExceptionBreakpoints", { filters: ["lockbreak"], filterOptions: [{ filterId: "restart", condition: "vma ==" }, { filterId: "nothing" }] });
    check("mistakes", client, program);
  });
});
