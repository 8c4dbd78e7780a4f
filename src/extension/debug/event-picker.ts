// A quick pick of the events of an execution: those around the current position, those that contain the typed text, or one by
// its number.

import { QuickPickItemKind, ThemeIcon, window, type DebugSession, type QuickPick, type QuickPickItem } from "vscode";
import type { EventRow, EventList, EventListArguments, ExecutionPosition } from "../../debug-adapter/protocol/protocol.ts";
import { format_time } from "../../debug-adapter/protocol/number-format.ts";

/** So many events before and after the current position are offered. */
const NEARBY_EVENTS = 250;
const MAX_MATCHES = 500;
/** Milliseconds without a key press after which the typed text is looked up. */
const TYPING_DEBOUNCE = 200;

interface EventItem extends QuickPickItem {
  /** The number of the event; absent for an item that is no event. */
  readonly event?: number;
}

/** The number of the event that the user picks; undefined if the user dismisses the quick pick. */
export function pickEvent(session: DebugSession, position: ExecutionPosition): Promise<number | undefined> {
  const pick = window.createQuickPick<EventItem>();
  pick.title = "Go to Event";
  pick.placeholder = "A number, or a part of what happens, such as restart or viewer[3]";
  pick.matchOnDescription = true;
  const load = itemLoader(pick, session, position);
  void load();
  let typing: ReturnType<typeof setTimeout> | undefined;
  return new Promise((resolve) => {
    pick.onDidChangeValue(() => {
      clearTimeout(typing);
      typing = setTimeout(() => void load(), TYPING_DEBOUNCE);
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

/** Fills the list for the typed text. If it is called while a request is pending, it fills the list once more, for the newest text. */
function itemLoader(pick: QuickPick<EventItem>, session: DebugSession, position: ExecutionPosition): () => Promise<void> {
  let shown: string | undefined;
  let loading = false;
  return async () => {
    if (loading) return;
    loading = true;
    try {
      while (shown !== pick.value) {
        shown = pick.value;
        pick.busy = true;
        const items = await loadItems(shown.trim(), session, position);
        pick.items = items;
        if (shown === "") pick.activeItems = items.filter(({ event }) => event === position.event);
      }
    } catch (error) {
      pick.items = [{ label: error instanceof Error ? error.message : String(error), alwaysShow: true }];
    }
    pick.busy = loading = false;
  };
}

async function loadItems(typed: string, session: DebugSession, position: ExecutionPosition): Promise<EventItem[]> {
  const request = (args: EventListArguments): Promise<EventList> =>
    Promise.resolve(session.customRequest("lockbreak/events", args) as Thenable<EventList>);
  const number = /^\d+$/.test(typed) ? Number(typed) : null;
  const around = number ?? position.event;
  const { events, complete } =
    typed === "" || number !== null
      ? await request({ from: Math.max(1, around - NEARBY_EVENTS), count: 2 * NEARBY_EVENTS })
      : await request({ match: typed, count: MAX_MATCHES });
  const items: EventItem[] = [];
  for (const row of events) {
    if (row.event > position.event && (items.length === 0 || items.at(-1)!.event! <= position.event))
      items.push({ label: "after this", kind: QuickPickItemKind.Separator, event: Infinity });
    items.push(eventItem(row, position));
  }
  const remark = listRemark(typed, number, events, complete);
  if (remark !== null) items.push({ label: remark, alwaysShow: true });
  const exact = number === null ? [] : items.filter(({ event }) => event === number);
  return [...exact, ...items.filter((item) => !exact.includes(item))];
}

/** The remark below a list that does not hold all requested events; null if it holds them. */
function listRemark(typed: string, number: number | null, events: readonly EventRow[], complete: boolean): string | null {
  if (number !== null && !events.some(({ event }) => event === number))
    return `There is no event ${number} ${complete ? "in this run" : "in reach"}.`;
  if (number !== null || typed === "") return null;
  if (events.length === 0) return `No event ${complete ? "of this run" : "in reach"} has '${typed}' in what it says.`;
  return complete ? null : `These are the first ${events.length}. Type more to see others.`;
}

function eventItem({ event, name, time, task, text }: EventRow, position: ExecutionPosition): EventItem {
  const icon = ICONS[name] ?? (event <= position.event ? "circle-small-filled" : "circle-small");
  return {
    label: `${event}  ${text}`,
    description: [task, name, format_time(time)].filter((part) => part !== "").join(" · "),
    iconPath: new ThemeIcon(event === position.event ? "arrow-right" : icon),
    event,
  };
}

const ICONS: Readonly<Record<string, string>> = {
  lock_acquire: "lock",
  lock_release: "unlock",
  lock_contended: "watch",
  lockbreak: "debug-disconnect",
  restart: "debug-restart",
  vma_complete: "pass-filled",
  bug: "bug",
  check_failed: "error",
  signal: "zap",
  syscall_enter: "debug-step-into",
  syscall_exit: "debug-step-out",
  sched_switch: "arrow-swap",
};
