// Addresses, lengths and offsets that are known before the run: what the kernel would refuse is an error, what it would
// round is said.

import type { CallEntry, Parameter } from "../catalogue/index.ts";
import { problems } from "../diagnostics.ts";
import { MAX_FILE, PAGE_SIZE, TASK_SIZE } from "../limits.ts";
import type { Body, Expr, Statement } from "../program.ts";
import type { Reporter } from "../report.ts";
import { showSize, type Static } from "./kinds.ts";
import { roundUp, statements, staticNumber, type MappingInfo, type ProcessInfo } from "./scope.ts";

const roundDown = (bytes: number) => Math.floor(bytes / PAGE_SIZE) * PAGE_SIZE;

/** Checks the arguments of one call. `found`: what is known of them, by parameter; `made`: the mapping it makes. */
export function checkCallLimits(
  { call, args, range }: Statement & { kind: "call" }, entry: CallEntry, found: Readonly<Record<string, Static>>, made: MappingInfo | undefined, reporter: Reporter,
): void {
  for (const parameter of entry.parameters) {
    const arg = args[parameter.name];
    // What is of unknown kind was reported, or is known to the run only.
    if (arg !== undefined && parameter.pages !== undefined && found[parameter.name]?.kind !== "any") checkPages(arg, parameter, parameter.pages, reporter);
  }
  if (call === "mmap") checkMmap(args, found, made, reporter);
  if (call === "remap_file_pages" && found.range?.mapping?.private === true) {
    reporter.report(range, problems.withoutEffect("remap_file_pages refuses private mappings (EINVAL)"));
  }
}

function checkPages(arg: Expr, { name, kind }: Parameter, rule: NonNullable<Parameter["pages"]>, reporter: Reporter): void {
  if (kind === "span") {
    if (arg.kind !== "slice") return;
    // munmap and mprotect refuse an address that is not page-aligned; remap_file_pages rounds it down.
    checkValue(arg.from, rule === "up" ? "refuse" : "down", "The beginning of the range", reporter);
    checkValue(arg.to, rule, "The end of the range", reporter);
  } else {
    checkValue(arg, rule, kind === "address" ? "The address" : `'${name}'`, reporter);
  }
}

function checkValue(arg: Expr, rule: NonNullable<Parameter["pages"]>, what: string, reporter: Reporter): void {
  const value = staticNumber(arg);
  if (value === undefined) return;
  if (value < 0) {
    reporter.report(arg.range, problems.outOfBounds(what, "0", showSize(MAX_FILE)));
  } else if (value % PAGE_SIZE !== 0) {
    const [below, above] = [roundDown(value), roundUp(value)];
    if (rule === "refuse") reporter.report(arg.range, problems.unaligned(what, below, above));
    else if (rule === "partial") reporter.report(arg.range, problems.partialPage(above));
    else reporter.report(arg.range, problems.rounded(value, rule === "up" ? above : below));
  }
}

function checkMmap({ length, offset, at, file }: Readonly<Record<string, Expr>>, found: Readonly<Record<string, Static>>, made: MappingInfo | undefined, reporter: Reporter): void {
  const bytes = staticNumber(length) ?? made?.length;
  if (length !== undefined && bytes === 0) reporter.report(length.range, problems.outOfBounds("The length", "1", showSize(TASK_SIZE)));
  const address = staticNumber(at);
  const end = (address ?? 0) + roundUp(bytes ?? 0);
  if (end > TASK_SIZE || (address ?? 0) >= TASK_SIZE) {
    const blamed = at ?? length ?? file!;
    reporter.report(blamed.range, problems.beyondTaskSize(`0x${Math.max(end, address ?? 0).toString(16)}`));
  }
  const start = staticNumber(offset);
  const mapped = found.file?.file;
  if (length === undefined && start !== undefined && mapped !== undefined && start >= roundUp(mapped.size)) {
    reporter.report(offset!.range, problems.beyondFile(mapped.name, showSize(mapped.size)));
  }
}

/** Checks that the mappings that the body of a process makes find room, and that fixed ones do not overlap. */
export function checkMappings({ declaration, mappings }: ProcessInfo, reporter: Reporter): void {
  let fixed: { readonly name: string; readonly line: number; readonly start: number; readonly end: number }[] = [];
  let total = 0;
  const unmaps = [...statements(declaration.body)].some((s) => s.kind === "call" && s.call === "munmap");
  const walk = (body: Body, times: number) => {
    for (const statement of body) {
      if ("body" in statement) {
        walk(statement.body, times * (statement.kind === "repeat" || statement.kind === "every" ? (staticNumber(statement.count ?? undefined) ?? 1) : 1));
      }
      if (statement.kind !== "call") continue;
      if (statement.call === "munmap") fixed = [];
      if (statement.call !== "mmap") continue;
      const name = statement.result ?? "a mapping";
      const given = staticNumber(statement.args.length);
      const length = given === undefined ? mappings.get(name)?.length : roundUp(given);
      if (length === undefined) continue;
      const start = staticNumber(statement.args.at);
      if (!unmaps && (start === undefined || times === 1)) {
        const before = total;
        total += length * times;
        if (before <= TASK_SIZE && total > TASK_SIZE && length <= TASK_SIZE) reporter.report(statement.range, problems.addressSpaceFull(declaration.name));
      }
      if (start === undefined) continue;
      const end = start + length;
      const other = fixed.find((range) => start < range.end && range.start < end);
      if (other !== undefined) reporter.report(statement.args.at!.range, problems.overlap(other.name, other.line));
      else fixed.push({ name, line: statement.range.line, start, end });
    }
  };
  walk(declaration.body, 1);
}
