// Addresses, lengths and offsets that are known before the run. What the kernel refuses is an error where a call must
// succeed, in the set-up, and said elsewhere, as what it rounds is.

import type { Arch } from "../../engine/kernel/common/arch.ts";
import { signature, type CallEntry, type Parameter } from "../catalogue/index.ts";
import { problems, type Problem } from "../program/diagnostics.ts";
import { PAGE_SIZE } from "../program/limits.ts";
import type { Body, CallNode, Expr, Range } from "../program/program.ts";
import type { Reporter } from "../program/report.ts";
import { callsOf } from "../program/statements.ts";
import { showSize, type Static } from "./kinds.ts";
import { roundUp, statements, staticNumber, type MappingInfo, type ProcessInfo } from "./scope.ts";

const roundDown = (bytes: number) => Math.floor(bytes / PAGE_SIZE) * PAGE_SIZE;
const hex = (address: number) => `0x${address.toString(16)}`;

type PageRule = NonNullable<Parameter["pages"]>;

/** Where a call stands. */
export interface CallPlace {
  readonly arch: Arch;
  /** In the set-up of a process, where it must succeed. */
  readonly setup: boolean;
}

/** Checks the arguments of one call. `found`: what is known of them, by parameter; `made`: the mapping it makes. */
export function checkCallLimits(
  { call, args, range }: CallNode, entry: CallEntry, found: Readonly<Record<string, Static>>, made: MappingInfo | undefined, place: CallPlace, reporter: Reporter,
): void {
  for (const parameter of entry.parameters) {
    const arg = args[parameter.name];
    // What is of unknown kind was reported, or is known to the run only.
    const known = found[parameter.name]?.kind !== "any" || parameter.kind === "bytes";
    if (arg !== undefined && parameter.pages !== undefined && known) checkPages(arg, parameter, parameter.pages, place, reporter);
  }
  if (call === "mmap") checkMmap(args, entry, range, found, made, place, reporter);
  if (call === "mremap") checkPlace(args, staticNumber(args.size), args.at === undefined ? "ENOMEM" : "EINVAL", place, reporter);
  if (call === "remap_file_pages" && found.range?.mapping?.private === true) {
    reporter.report(range, problems.withoutEffect("remap_file_pages refuses private mappings (EINVAL)"));
  }
}

/** The kernel refuses this: an error in the set-up, else worth saying. */
function refuse(range: Range, error: string, why: string, problem: Problem, { setup }: CallPlace, reporter: Reporter): void {
  reporter.report(range, setup ? problem : problems.refused(error, why));
}

function checkPages(arg: Expr, { name, kind }: Parameter, rule: PageRule, place: CallPlace, reporter: Reporter): void {
  if (kind === "bytes" && arg.kind === "bytes") {
    if (!checkValue(arg.from, rule, "The beginning of the range", place, reporter)) checkValue(arg.to, rule, "The end of the range", place, reporter);
  } else if (kind === "span") {
    if (arg.kind !== "slice") return;
    // Calls refuse an address that is not page-aligned, but for remap_file_pages, which rounds it down.
    const begin = rule === "up" ? "refuse" : "down";
    if (!checkValue(arg.from, begin, "The beginning of the range", place, reporter)) checkValue(arg.to, rule, "The end of the range", place, reporter);
  } else {
    checkValue(arg, rule, kind === "address" ? "The address" : `'${name}'`, place, reporter);
  }
}

/** Checks one value that should be a multiple; true if the kernel refuses it. */
function checkValue(arg: Expr, rule: PageRule, what: string, place: CallPlace, reporter: Reporter): boolean {
  const value = staticNumber(arg);
  if (value === undefined) return false;
  const unit = rule === "sector" ? 512 : PAGE_SIZE;
  const [below, above] = [Math.floor(value / unit) * unit, Math.ceil(value / unit) * unit];
  if (value < 0) {
    const bounds = problems.outOfBounds(what, "0", showSize(place.arch.MAX_LFS_FILESIZE));
    if (rule === "partial") refuse(arg.range, "EINVAL", `${what} is negative`, bounds, place, reporter);
    else reporter.report(arg.range, bounds);
    return true;
  }
  if (value % unit === 0) return false;
  if (rule === "refuse" || rule === "sector") {
    refuse(arg.range, "EINVAL", `${what.replace(/^T/, "t")} is no multiple of ${unit}`, problems.unaligned(what, below, above), place, reporter);
    return true;
  }
  if (rule === "partial") reporter.report(arg.range, problems.partialPage(above));
  else reporter.report(arg.range, problems.rounded(value, rule === "up" ? above : roundDown(value)));
  return false;
}

function checkMmap(
  args: CallNode["args"], entry: CallEntry, range: Range, found: Readonly<Record<string, Static>>, made: MappingInfo | undefined, place: CallPlace, reporter: Reporter,
): void {
  const { length, offset, file, flags } = args;
  if (found.file?.kind === "null") {
    if (length === undefined) reporter.report(range, problems.missingArgument("length", signature(entry)));
    else if (flags?.kind === "flags" && !flags.flags.includes("private")) reporter.report(file!.range, problems.notPrivate());
  }
  const bytes = staticNumber(length) ?? made?.length;
  if (length !== undefined && bytes === 0) {
    refuse(length.range, "EINVAL", "the length is 0", problems.outOfBounds("The length", "1", showSize(place.arch.TASK_SIZE)), place, reporter);
  }
  checkPlace(args, bytes, (bytes ?? 0) > place.arch.TASK_SIZE ? "EINVAL" : "ENOMEM", place, reporter);
  const start = staticNumber(offset);
  const mapped = found.file?.file;
  if (length === undefined && start !== undefined && mapped !== undefined && start >= roundUp(mapped.size)) {
    reporter.report(offset!.range, problems.beyondFile(mapped.name, showSize(mapped.size)));
  }
}

/** Checks that `bytes` bytes, at `at` if it is given, lie within the address space. */
function checkPlace({ at, length, size, file, range }: CallNode["args"], bytes: number | undefined, error: string, place: CallPlace, reporter: Reporter): void {
  const { TASK_SIZE } = place.arch;
  const address = staticNumber(at);
  const end = (address ?? 0) + roundUp(bytes ?? 0);
  if (end <= TASK_SIZE && (address ?? 0) < TASK_SIZE) return;
  const blamed = at ?? length ?? size ?? file ?? range!;
  const reach = hex(Math.max(end, address ?? 0));
  refuse(blamed.range, error, `this would reach up to ${reach}, and the address space ends at ${hex(TASK_SIZE)}`, problems.beyondTaskSize(reach, hex(TASK_SIZE)), place, reporter);
}

/** Checks that the mappings that the body of a process makes find room, and that fixed ones do not overlap. */
export function checkMappings({ declaration, mappings }: ProcessInfo, { TASK_SIZE }: Arch, reporter: Reporter): void {
  let fixed: { readonly name: string; readonly line: number; readonly start: number; readonly end: number }[] = [];
  let total = 0;
  // What moves or goes away leaves room that only the run knows.
  const unmaps = [...statements(declaration.body)].some((s) => callsOf(s).some(({ call }) => call === "munmap" || call === "mremap"));
  const walk = (body: Body, times: number) => {
    for (const statement of body) {
      if ("body" in statement) {
        walk(statement.body, times * (statement.kind === "repeat" || statement.kind === "every" ? (staticNumber(statement.count ?? undefined) ?? 1) : 1));
      }
      if (statement.kind !== "call") continue;
      if (statement.call === "munmap" || statement.call === "mremap") fixed = [];
      if (statement.call !== "mmap") continue;
      const name = statement.result ?? "a mapping";
      const given = staticNumber(statement.args.length);
      const length = given === undefined ? mappings.get(name)?.length : roundUp(given);
      if (length === undefined) continue;
      const start = staticNumber(statement.args.at);
      if (!unmaps && (start === undefined || times === 1)) {
        const before = total;
        total += length * times;
        if (before <= TASK_SIZE && total > TASK_SIZE && length <= TASK_SIZE) reporter.report(statement.range, problems.addressSpaceFull(declaration.name, showSize(TASK_SIZE)));
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
