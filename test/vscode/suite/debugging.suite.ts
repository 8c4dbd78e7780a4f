// Debugging from F5 on: stops, stacks, values, and navigation.

import * as vscode from "vscode";
import { until } from "../../waiting.mjs";
import { equal, match, ok } from "./assert.ts";
import { Session, cleanUp, noSessions } from "./session.ts";
import { exampleUri, openExample, openText } from "./workspace.ts";

describe("F5 on a scenario", () => {
  afterEach(cleanUp);

  it("stops at the first lockbreak without a launch.json", async () => {
    await openExample("truncate-lockbreak.vmscn");
    const session = await Session.f5();
    const stop = await session.stop(1);
    match(stop.description, /^event \d+\/\d+\+? · [\d.]+ .s · lockbreak on data$/);
    equal(
      (await session.stack()).map(({ name }) => name),
      [
        "unmap_mapping_range_vma",
        "unmap_mapping_range_tree",
        "unmap_mapping_vmas",
        "unmap_mapping_range",
        "vmtruncate",
        "do_truncate",
        "truncate(data, 64K)",
      ],
    );
    const { threads } = await session.request<{ threads: { name: string }[] }>("threads");
    equal(
      threads.map(({ name }) => name.split(" ")[0]),
      ["shrink", "reader"],
    );
    // The editor has opened the kernel's source at the current statement.
    const editor = await until("the kernel source", () => {
      const active = vscode.window.activeTextEditor;
      return active?.document.uri.scheme === "lockbreak-kernel" ? active : undefined;
    });
    equal(editor.document.uri.toString(), "lockbreak-kernel:/vmtrunc4/memory.ts");
    equal(editor.document.languageId, "lockbreak-kernel");
    equal(editor.selection.active.line + 1, (await session.stack())[0]!.line);
  });

  it("shows locals, details and mapping, addresses in hex", async () => {
    const session = await Session.launch(exampleUri("truncate-lockbreak.vmscn"));
    await session.stop(1);
    const args = await session.variables("Arguments");
    match(args["vma"], /^viewer\[0\]\.V 0x40000000-0x40100000 rw-s$/);
    match(args["start_addr"], /^0x/);
    const details = await session.variables("Details");
    for (const name of ["restart_vma", "restart_addr", "restart_pgoff", "break_addr", "truncate_count"])
      ok(details[name], `no details.${name}`);
    match(await session.evaluate("details->restart_addr"), /^0x[0-9a-f]+$/);
    equal(await session.evaluate("details.restart_addr", "hover"), await session.evaluate("details->restart_addr"));
    equal(await session.evaluate("mapping.truncate_count"), "1");
    const error = await session.evaluate("no_such_thing").then(
      () => "",
      (failure: Error) => failure.message,
    );
    match(error, /no_such_thing/, "a watch that can't be evaluated");
  });

  it("toggles hexadecimal numbers", async () => {
    const session = await Session.launch(exampleUri("truncate-lockbreak.vmscn"));
    await session.stop(1);
    const before = (await session.variables("Details"))["restart_pgoff"]!;
    await vscode.commands.executeCommand("lockbreak.toggleHex");
    const hex = `0x${Number(before).toString(16)}`;
    await until("hexadecimal numbers", async () => (await session.variables("Details"))["restart_pgoff"] === hex);
    await vscode.commands.executeCommand("lockbreak.toggleHex");
    await until("decimal numbers", async () => (await session.variables("Details"))["restart_pgoff"] === before);
  });

  it("shows numbers in all sessions alike", async () => {
    const sessions = [
      await Session.launch(exampleUri("truncate-lockbreak.vmscn")),
      await Session.launch(exampleUri("truncate-lockbreak.vmscn")),
    ];
    for (const session of sessions) await until("a stop", () => session.stops[0]);
    await vscode.commands.executeCommand("lockbreak.toggleHex");
    for (const session of sessions)
      await until("hexadecimal numbers", async () => (await session.variables("Details"))["restart_pgoff"]?.startsWith("0x"));
    await vscode.commands.executeCommand("lockbreak.toggleHex");
  });

  it("ends without a word of failure", async () => {
    const session = await Session.launch(exampleUri("truncate-lockbreak.vmscn"));
    await session.stop(1);
    await session.finish();
    // The worker ends after the session.
    await new Promise((resolve) => setTimeout(resolve, 500));
    equal(session.output, []);
  });

  it("survives that its scenario is gone when its line is asked for", async () => {
    const gone = exampleUri("gone.vmscn");
    await vscode.workspace.fs.copy(exampleUri("truncate-lockbreak.vmscn"), gone);
    const session = await Session.launch(gone);
    await session.stop(1);
    await vscode.workspace.fs.delete(gone);
    await vscode.commands.executeCommand("lockbreak.revealDeclaration", { data: { line: 18 } });
  });

  it("steps over, in, out, and back the same way", async () => {
    const session = await Session.launch(exampleUri("truncate-lockbreak.vmscn"), { stopOnEntry: true });
    await session.stop(1);
    vscode.debug.addBreakpoints([new vscode.FunctionBreakpoint("unmap_mapping_range")]);
    await until("the function breakpoint", async () => session.output !== undefined && vscode.debug.breakpoints.length === 1);
    await session.move("continue");
    match(await session.where(), /^unmap_mapping_range:/);
    const trail = [await session.where()];
    for (const motion of ["stepOver", "stepOver", "stepInto"] as const) {
      await session.move(motion);
      trail.push(await session.where());
    }
    equal(new Set(trail).size, 4, "steps");
    await session.move("lockbreak.reverseStepInto");
    equal(await session.where(), trail[2], "one back");
    await session.move("stepBack");
    equal(await session.where(), trail[1], "two back");
    await session.move("stepOut");
    match(await session.where(), /^(vmtruncate|unmap_mapping_range_vma):/);
  });

  it("steps back out to the call", async () => {
    const session = await Session.launch(exampleUri("truncate-lockbreak.vmscn"));
    await session.stop(1);
    await session.move("lockbreak.reverseStepOut");
    match(await session.where(), /^unmap_mapping_range_tree:/);
  });

  it("continues to the end, which is a stop to travel back from", async () => {
    const session = await Session.launch(exampleUri("truncate-lockbreak.vmscn"));
    let stop = await session.stop(1);
    const first = await session.where();
    for (let n = 1; stop.reason !== "end" && n < 50; n += 1) stop = await session.move("continue");
    equal(stop.reason, "end");
    ok(!/\+ ·/.test(stop.description!), `the number of events is final: ${stop.description}`);
    for (let n = 1; (await session.where()) !== first && n < 50; n += 1) stop = await session.move("reverseContinue");
    match(stop.description, /lockbreak on data/);
    equal(await session.where(), first, "back at the first lockbreak");
    match(stop.description, /^◀/, "the past is marked");
  });

  it("pauses a long run, and ends it in the middle", async () => {
    const document = await openText(
      "file f size 16M\n\nprocess p {\n  V = mmap(f)\n}\n\n" +
        "task t in p on cpu 0 {\n  repeat 100000 {\n    B = mmap(f, length: 64K)\n    touch(B)\n    munmap(B)\n  }\n}\n",
    );
    const diagnostics = vscode.languages
      .getDiagnostics(document.uri)
      .filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
    equal(
      diagnostics.map(({ message }) => message),
      [],
      "mistakes",
    );
    const session = await Session.f5();
    await until("the launch", async () => (await session.request<{ threads: unknown[] }>("threads")).threads.length > 0);
    const {
      threads: [thread],
    } = await session.request<{ threads: { id: number }[] }>("threads");
    await session.request("pause", { threadId: thread!.id });
    const stop = await session.stop(1);
    equal(stop.reason, "pause");
    await vscode.commands.executeCommand("workbench.action.debug.continue");
    await session.finish();
  });

  it("runs an untitled scenario from its document", async () => {
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(exampleUri("count-wrap.vmscn")));
    const untitled = await openText(text);
    ok(untitled.isUntitled, "not untitled");
    const session = await Session.f5();
    const stop = await session.stop(1);
    equal(stop.reason, "end");
  });

  it("says when its scenario is changed, and restarts with the new text, saved or not", async () => {
    const text = "file data size 64K\nprocess p { V = mmap(data) }\ntask t in p on cpu 0 { touch(V) }\n";
    const enlarge = async ({ uri }: vscode.TextDocument, size: string): Promise<void> => {
      const edit = new vscode.WorkspaceEdit();
      edit.replace(uri, new vscode.Range(0, 15, 0, 18), size);
      ok(await vscode.workspace.applyEdit(edit), "not edited");
    };
    const changing = exampleUri("changing.vmscn");
    await vscode.workspace.fs.writeFile(changing, new TextEncoder().encode(text));
    const document = await openExample("changing.vmscn");
    const session = await Session.launch(changing);
    await session.stop(1);
    await enlarge(document, "128K");
    await document.save();
    await until("the message about the change", () => session.output.find((text) => /was changed: this session continues/.test(text)));
    equal(await session.evaluate("data.i_size"), String(64 * 1024));
    await session.move("restart");
    equal(await session.evaluate("data.i_size"), String(128 * 1024));
    await session.finish();
    await vscode.workspace.fs.delete(changing);

    const untitled = await openText(text);
    const unsaved = await Session.f5();
    await unsaved.stop(1);
    await enlarge(untitled, "256K");
    await unsaved.move("restart");
    equal(await unsaved.evaluate("data.i_size"), String(256 * 1024));
  });

  it("keeps two sessions apart", async () => {
    const one = await Session.launch(exampleUri("truncate-lockbreak.vmscn"));
    await one.stop(1);
    const other = await Session.launch(exampleUri("nonlinear.vmscn"));
    // The editor keeps showing the session that has stopped first.
    await until("the other session's stop", () => other.stops[0]);
    const where = await one.where();
    await other.finish();
    equal(await one.where(), where, "the first session");
  });
});

describe("a launch that cannot be", () => {
  afterEach(cleanUp);

  type LaunchError = { format: string; url?: string };
  const failure = async (config: object): Promise<LaunchError> => {
    const messages: LaunchError[] = [];
    const tracking = vscode.debug.registerDebugAdapterTrackerFactory("lockbreak", {
      createDebugAdapterTracker: () => ({
        onDidSendMessage(message: { type: string; command?: string; success?: boolean; body?: { error?: LaunchError } }) {
          if (message.type === "response" && message.command === "launch" && message.success === false) messages.push(message.body!.error!);
        },
      }),
    });
    try {
      // The promise resolves when the dialog with the error is closed, which no test does: it is not awaited.
      void vscode.debug.startDebugging(undefined, { type: "lockbreak", request: "launch", name: "test", ...config });
      return await until("the launch to fail", () => messages[0]);
    } finally {
      tracking.dispose();
    }
  };

  it("says what is wrong", async () => {
    match((await failure({})).format, /program/, "no program");
    match((await failure({ program: exampleUri("nothing.vmscn").toString() })).format, /nothing\.vmscn/, "no file");
    match((await failure({ program: exampleUri("truncate-lockbreak.vmscn").toString(), kernel: "2.4" })).format, /2\.4/, "no kernel");
  });

  it("with mistakes in the scenario leads to Problems", async () => {
    const document = await openText("file data size 1M\nprocess p { touch(W) }\ntask t in p on cpu 0 { truncate(data, 0) }\n");
    const error = await failure({ program: document.uri.toString() });
    match(error.format, /line 2/);
    match(error.url, /^command:workbench\.actions\.view\.problems$/);
  });
});

describe("Run Scenario", () => {
  it("runs to the end without a session", async () => {
    await openExample("truncate-lockbreak.vmscn");
    await vscode.commands.executeCommand("lockbreak.runScenario");
    ok(noSessions(), "there is a session");
  });
});
