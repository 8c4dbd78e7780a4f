// The commands that move a stopped execution in time, or to another branch, where the editor has none of its own.

import { commands, debug, window, type DebugSession, type Disposable } from "vscode";
import type { GotoArguments, ReverseArguments, ThreadArguments } from "../../debug-adapter/protocol/protocol.ts";
import { format_time, parseTime } from "../../debug-adapter/protocol/words.ts";
import { showError } from "./commands.ts";
import { pickEvent } from "./event-picker.ts";
import type { ActiveSession } from "./sessions.ts";

/** What the Call Stack's menu tells of its row, as its second argument. A thread is named as the editor does it: `thread:<session>:<number>`. */
interface CallStackRow {
  readonly sessionId?: string;
  readonly threadId?: string;
}

export function registerTravel(active: ActiveSession): Disposable[] {
  const reverse = (kind: ReverseArguments["kind"]) => onThread(active, undefined, (session, threadId) => ask(session, "lockbreak/reverse", { threadId, kind } satisfies ReverseArguments));
  const goTo = (args: GotoArguments) => onStopped(active, (session) => ask(session, "lockbreak/goto", args));
  const onRow = (request: string) => (row?: CallStackRow) => onThread(active, row, (session, threadId) => ask(session, request, { threadId } satisfies ThreadArguments));
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
    "lockbreak.leaveBranch": () => onStopped(active, (session) => ask(session, "lockbreak/leaveBranch", {})),
  };
  return Object.entries(handlers).map(([id, handler]) => commands.registerCommand(id, (_number?: unknown, row?: CallStackRow) => handler(row).catch(showError)));
}

async function ask(session: DebugSession, request: string, args: object): Promise<void> {
  await session.customRequest(request, args);
}

async function onStopped({ stopped }: ActiveSession, act: (session: DebugSession) => Promise<void>): Promise<void> {
  if (stopped !== undefined) await act(stopped);
}

/** Acts on a thread: on that of the row that a menu was opened on, else on that which is selected in the Call Stack. */
async function onThread(active: ActiveSession, row: CallStackRow | undefined, act: (session: DebugSession, threadId: number) => Promise<void>): Promise<void> {
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
    if (event !== undefined) await ask(session, "lockbreak/goto", { event } satisfies GotoArguments);
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
    if (wanted !== null) await ask(session, "lockbreak/goto", { time: wanted } satisfies GotoArguments);
  };
}
