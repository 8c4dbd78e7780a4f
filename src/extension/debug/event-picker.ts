// A quick pick of the events of an execution: those around the place at hand, those that contain what is typed, or one by
// its number.

import { QuickPickItemKind, ThemeIcon, window, type DebugSession, type QuickPick, type QuickPickItem } from "vscode";
import type { EventRow, Events, EventsArguments, Position } from "../../debug-adapter/protocol/protocol.ts";
import { format_time } from "../../debug-adapter/protocol/words.ts";

/** So many events before and behind the place at hand are offered. */
const AROUND = 250;
const MAX_FOUND = 500;
/** Who types that fast is not done, in milliseconds. */
const TYPING = 200;

interface EventItem extends QuickPickItem {
  /** The number of the event; absent for what cannot be gone to. */
  readonly event?: number;
}

/** Answers with the number of the event that a person has picked. */
export function pickEvent(session: DebugSession, position: Position): Promise<number | undefined> {
  const pick = window.createQuickPick<EventItem>();
  pick.title = "Go to Event";
  pick.placeholder = "A number, or a part of what happens, such as restart or viewer[3]";
  pick.matchOnDescription = true;
  const load = loader(pick, session, position);
  void load();
  let typing: ReturnType<typeof setTimeout> | undefined;
  return new Promise((resolve) => {
    pick.onDidChangeValue(() => {
      clearTimeout(typing);
      typing = setTimeout(() => void load(), TYPING);
    });
    pick.onDidAccept(() => {
      const [item] = pick.activeItems;
      if (item?.event === undefined) return;
      resolve(item.event);
      pick.hide();
    });
    pick.onDidHide(() => {
      clearTimeout(typing);
      pick.dispose();
      resolve(undefined);
    });
    pick.show();
  });
}

/** Fills the list for what is typed; asked again while it waits for an answer, it does so once more for the newest text. */
function loader(pick: QuickPick<EventItem>, session: DebugSession, position: Position): () => Promise<void> {
  let shown: string | undefined;
  let loading = false;
  return async () => {
    if (loading) return;
    loading = true;
    try {
      while (shown !== pick.value) {
        shown = pick.value;
        pick.busy = true;
        const items = await itemsFor(shown.trim(), session, position);
        pick.items = items;
        if (shown === "") pick.activeItems = items.filter(({ event }) => event === position.event);
      }
    } catch (error) {
      pick.items = [{ label: error instanceof Error ? error.message : String(error), alwaysShow: true }];
    }
    pick.busy = loading = false;
  };
}

async function itemsFor(typed: string, session: DebugSession, position: Position): Promise<EventItem[]> {
  const request = (args: EventsArguments): Promise<Events> => Promise.resolve(session.customRequest("lockbreak/events", args) as Thenable<Events>);
  const number = /^\d+$/.test(typed) ? Number(typed) : null;
  const around = number ?? position.event;
  const { events, complete } = typed === "" || number !== null
    ? await request({ from: Math.max(1, around - AROUND), count: 2 * AROUND })
    : await request({ match: typed, count: MAX_FOUND });
  const items: EventItem[] = [];
  for (const row of events) {
    if (row.event > position.event && (items.length === 0 || items.at(-1)!.event! <= position.event)) items.push({ label: "after this", kind: QuickPickItemKind.Separator, event: Infinity });
    items.push(itemOf(row, position));
  }
  const remark = remarkOn(typed, number, events, complete);
  if (remark !== null) items.push({ label: remark, alwaysShow: true });
  const exact = number === null ? [] : items.filter(({ event }) => event === number);
  return [...exact, ...items.filter((item) => !exact.includes(item))];
}

/** What is said below a list that does not hold all that was asked for. */
function remarkOn(typed: string, number: number | null, events: readonly EventRow[], complete: boolean): string | null {
  if (number !== null && !events.some(({ event }) => event === number)) return `There is no event ${number} ${complete ? "in this run" : "in reach"}.`;
  if (number !== null || typed === "") return null;
  if (events.length === 0) return `No event ${complete ? "of this run" : "in reach"} has '${typed}' in what it says.`;
  return complete ? null : `These are the first ${events.length}. Type more to see others.`;
}

function itemOf({ event, name, time, task, text }: EventRow, position: Position): EventItem {
  const icon = ICONS[name] ?? (event <= position.event ? "circle-small-filled" : "circle-small");
  return {
    label: `${event}  ${text}`,
    description: [task, name, format_time(time)].filter((part) => part !== "").join(" · "),
    iconPath: new ThemeIcon(event === position.event ? "arrow-right" : icon),
    event,
  };
}

const ICONS: Readonly<Record<string, string>> = {
  lock_acquire: "lock", lock_release: "unlock", lock_contended: "watch", lockbreak: "debug-disconnect", restart: "debug-restart", vma_complete: "pass-filled",
  bug: "bug", check_failed: "error", signal: "zap", syscall_enter: "debug-step-into", syscall_exit: "debug-step-out", sched_switch: "arrow-swap",
};
