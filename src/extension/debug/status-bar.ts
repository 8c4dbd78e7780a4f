// Shows in the status bar where in time the active session is, and whether it is in a branch.

import { Disposable, StatusBarAlignment, ThemeColor, commands, window, type StatusBarItem } from "vscode";
import { format_time } from "../../debug-adapter/protocol/number-format.ts";
import type { ActiveSession } from "./sessions.ts";

export function registerStatusBar(active: ActiveSession): Disposable {
  const position = window.createStatusBarItem("lockbreak.time", StatusBarAlignment.Left, 11);
  position.name = "Lockbreak: Position in Time";
  position.command = "lockbreak.goToEvent";
  const branch = window.createStatusBarItem("lockbreak.branch", StatusBarAlignment.Left, 10);
  branch.name = "Lockbreak: What-If Branch";
  branch.command = "lockbreak.leaveBranch";
  branch.backgroundColor = new ThemeColor("statusBarItem.warningBackground");
  const show = (): void => {
    showPosition(position, active);
    showBranch(branch, active);
    void commands.executeCommand("setContext", "lockbreak.branch", inBranch(active));
  };
  return Disposable.from(position, branch, active.onDidMove(show));
}

function showPosition(item: StatusBarItem, { position }: ActiveSession): void {
  if (position === undefined) return item.hide();
  const { event, events, ended, time, past, step } = position;
  item.text = `$(history) ${past ? "◀ " : ""}event ${event}/${events}${ended ? "" : "+"} · ${format_time(time)}`;
  const inPast = past ? "In the past: a later position has already been reached. " : "";
  item.tooltip = `${inPast}Step ${step.toLocaleString("en")}. Select to go to another event.`;
  item.accessibilityInformation = {
    label: `Lockbreak, event ${event} of ${events}, ${format_time(time)}${past ? ", in the past" : ""}`,
    role: "button",
  };
  item.show();
}

function inBranch({ position }: ActiveSession): boolean {
  return position !== undefined && position.branch.length > 0;
}

function showBranch(item: StatusBarItem, active: ActiveSession): void {
  if (!inBranch(active)) return item.hide();
  const branch = active.position!.branch;
  item.text = "$(git-branch) what-if";
  item.tooltip =
    `This is not what the scenario does by itself, but what happens if:\n${branch.join("\n")}\n\n` +
    "Select to return to the recorded execution.";
  item.accessibilityInformation = {
    label: `Lockbreak, what-if branch: ${branch.join(", ")}. Returns to the recorded execution.`,
    role: "button",
  };
  item.show();
}
