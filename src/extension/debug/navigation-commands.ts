// The commands that move a stopped execution in time, or to another branch, where the editor has none of its own.

import { commands, debug, window, type DebugSession, type Disposable } from "vscode";
import type { GotoArguments, ReverseStepArguments, ThreadArguments } from "../../debug-adapter/protocol/protocol.ts";
import { format_time, parseTime } from "../../debug-adapter/protocol/number-format.ts";
import { showError } from "./commands.ts";
import { pickEvent } from "./event-picker.ts";
import type { ActiveSession } from "./sessions.ts";

/** The second argument of commands in the Call Stack's menu: its row. The editor's id of a thread is `thread:<session>:<number>`. */
interface CallStackRow {
  readonly sessionId?: string;
  readonly threadId?: string;
}

export function registerNavigation(active: ActiveSession): Disposable[] {
  const reverse = (kind: ReverseStepArguments["kind"]) =>
    onThread(active, undefined, (session, threadId) =>
      sendRequest(session, "lockbreak/reverse", { threadId, kind } satisfies ReverseStepArguments),
    );
  const goTo = (args: GotoArguments) => onStopped(active, (session) => sendRequest(session, "lockbreak/goto", args));
  const onRow = (request: string) => (row?: CallStackRow) =>
    onThread(active, row, (session, threadId) => sendRequest(session, request, { threadId } satisfies ThreadArguments));
  const handlers: Record<string, (row?: CallStackRow) => Promise<void>> = {
    "lockbreak.reverseStepInto": () => reverse("stepIn"),
    "lockbreak.reverseStepOut": () => reverse("stepOut"),
    "lockbreak.nextEvent": () => goTo({ to: "nextEvent" }),
    "lockbreak.previousEvent": () => goTo({ to: "previousEvent" }),
    "lockbreak.nextStop": () => goTo({ to: "nextStop" }),
    "lockbreak.previousStop": () => goTo({ to: "previousStop" }),
    "lockbreak.goToEvent": () => onStopped(active, goToEvent(active)),
    "lockbreak.goToTime": () => onStopped(active, goToTime(active)),
    "lockbreak.runNext": onRow("lockbreak/runNext"),
    "lockbreak.continueOnly": onRow("lockbreak/continueOnly"),
    "lockbreak.nextOnly": onRow("lockbreak/nextOnly"),
    "lockbreak.leaveBranch": () => onStopped(active, (session) => sendRequest(session, "lockbreak/leaveBranch", {})),
  };
  return Object.entries(handlers).map(([id, handler]) =>
    commands.registerCommand(id, (_number?: unknown, row?: CallStackRow) => handler(row).catch(showError)),
  );
}

async function sendRequest(session: DebugSession, request: string, args: object): Promise<void> {
  await session.customRequest(request, args);
}

async function onStopped({ stopped }: ActiveSession, act: (session: DebugSession) => Promise<void>): Promise<void> {
  if (stopped !== undefined) await act(stopped);
}

/** Acts on a thread: that of the row on which a menu was opened, else the one selected in the Call Stack. */
async function onThread(
  active: ActiveSession,
  row: CallStackRow | undefined,
  act: (session: DebugSession, threadId: number) => Promise<void>,
): Promise<void> {
  const clicked = /\d+$/.exec(row?.threadId ?? "")?.[0];
  // The row may be one of a session that is not the active one.
  const session = clicked === undefined ? active.session : active.withId(row?.sessionId ?? "");
  const selected = debug.activeStackItem?.session.id === session?.id ? debug.activeStackItem?.threadId : undefined;
  const threadId = clicked === undefined ? selected : Number(clicked);
  if (session !== undefined && threadId !== undefined) await act(session, threadId);
}

function goToEvent(active: ActiveSession): (session: DebugSession) => Promise<void> {
  return async (session) => {
    const event = await pickEvent(session, active.position!);
    if (event !== undefined) await sendRequest(session, "lockbreak/goto", { event } satisfies GotoArguments);
  };
}

function goToTime(active: ActiveSession): (session: DebugSession) => Promise<void> {
  return async (session) => {
    const { time } = active.position!;
    const text = await window.showInputBox({
      title: "Go to Time",
      prompt: `Model time since the run began, such as 1.2 ms or 300 µs. Now it is ${format_time(time)}.`,
      value: format_time(time),
      validateInput: (typed) => (parseTime(typed) === null ? "Write a number and a unit: ns, us (µs), ms or s, as in 1.2 ms." : null),
    });
    const wanted = text === undefined ? null : parseTime(text);
    if (wanted !== null) await sendRequest(session, "lockbreak/goto", { time: wanted } satisfies GotoArguments);
  };
}
