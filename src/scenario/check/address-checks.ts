// Checks constant addresses, lengths and offsets. A call that the kernel refuses is an error in the set-up, where it must
// succeed; elsewhere a diagnostic of severity `information` says so, as it does for values that the kernel rounds.

import type { Arch } from "../../engine/kernel/common/arch.ts";
import { formatSignature, type CallEntry, type Parameter } from "../catalogue/index.ts";
import { problems, type Problem } from "../program/diagnostics.ts";
import type { Body, CallNode, Expr, Range } from "../program/program.ts";
import type { DiagnosticReporter } from "../program/diagnostic-reporter.ts";
import { callsOfStatement, statementsOf } from "../program/traversal.ts";
import { formatSizeLiteral, type InferredType } from "./type-checker.ts";
import { PAGE_SIZE, roundDownToPage, roundUpToPage } from "../program/pages.ts";
import { constantValue, type MappingInfo, type ProcessInfo } from "./declarations.ts";

const hex = (address: number) => `0x${address.toString(16)}`;

type PageRounding = NonNullable<Parameter["pageRounding"]>;

/** The context of a call. */
export interface CallContext {
  readonly arch: Arch;
  /** In the set-up of a process, where it must succeed. */
  readonly setup: boolean;
}

/**
 * Checks the addresses of one call.
 * @param argumentTypes the types of its arguments, by parameter
 * @param result the mapping that it assigns
 */
export function checkCallAddresses(
  { call, args, range }: CallNode,
  entry: CallEntry,
  argumentTypes: Readonly<Record<string, InferredType>>,
  result: MappingInfo | undefined,
  context: CallContext,
  reporter: DiagnosticReporter,
): void {
  for (const parameter of entry.parameters) {
    const arg = args[parameter.name];
    // An argument of unknown type was reported, or is known only during the run.
    const known = argumentTypes[parameter.name]?.type !== "any" || parameter.type === "bytes";
    if (arg !== undefined && parameter.pageRounding !== undefined && known) {
      checkAlignments(arg, parameter, parameter.pageRounding, context, reporter);
    }
  }
  if (call === "mmap") checkMmap(args, entry, range, argumentTypes, result, context, reporter);
  if (call === "mremap") checkAddressRange(args, constantValue(args.size), args.at === undefined ? "ENOMEM" : "EINVAL", context, reporter);
  if (call === "remap_file_pages" && argumentTypes.range?.mapping?.private === true) {
    reporter.report(range, problems.withoutEffect("remap_file_pages refuses private mappings (EINVAL)"));
  }
}

/** Reports what the kernel refuses: an error in the set-up, elsewhere information. */
function reportRefusal(
  range: Range,
  error: string,
  why: string,
  problem: Problem,
  { setup }: CallContext,
  reporter: DiagnosticReporter,
): void {
  reporter.report(range, setup ? problem : problems.refused(error, why));
}

function checkAlignments(
  arg: Expr,
  { name, type }: Parameter,
  rounding: PageRounding,
  context: CallContext,
  reporter: DiagnosticReporter,
): void {
  if (type === "bytes" && arg.kind === "bytes") {
    if (!checkAlignment(arg.from, rounding, "The beginning of the range", context, reporter)) {
      checkAlignment(arg.to, rounding, "The end of the range", context, reporter);
    }
  } else if (type === "span") {
    if (arg.kind !== "slice") return;
    // Calls refuse an address that is not page-aligned, but for remap_file_pages, which rounds it down.
    const begin = rounding === "up" ? "refuse" : "down";
    if (!checkAlignment(arg.from, begin, "The beginning of the range", context, reporter)) {
      checkAlignment(arg.to, rounding, "The end of the range", context, reporter);
    }
  } else {
    checkAlignment(arg, rounding, type === "address" ? "The address" : `'${name}'`, context, reporter);
  }
}

/** Checks one value that should be a multiple of the page or sector size; true if the kernel refuses it. */
function checkAlignment(arg: Expr, rounding: PageRounding, what: string, context: CallContext, reporter: DiagnosticReporter): boolean {
  const value = constantValue(arg);
  if (value === undefined) return false;
  const unit = rounding === "sector" ? 512 : PAGE_SIZE;
  const [below, above] = [Math.floor(value / unit) * unit, Math.ceil(value / unit) * unit];
  if (value < 0) {
    const bounds = problems.outOfBounds(what, "0", formatSizeLiteral(context.arch.MAX_LFS_FILESIZE));
    if (rounding === "partial") reportRefusal(arg.range, "EINVAL", `${what} is negative`, bounds, context, reporter);
    else reporter.report(arg.range, bounds);
    return true;
  }
  if (value % unit === 0) return false;
  if (rounding === "refuse" || rounding === "sector") {
    reportRefusal(
      arg.range,
      "EINVAL",
      `${what.replace(/^T/, "t")} is no multiple of ${unit}`,
      problems.unaligned(what, below, above),
      context,
      reporter,
    );
    return true;
  }
  if (rounding === "partial") reporter.report(arg.range, problems.partialPage(above));
  else reporter.report(arg.range, problems.rounded(value, rounding === "up" ? above : roundDownToPage(value)));
  return false;
}

function checkMmap(
  args: CallNode["args"],
  entry: CallEntry,
  range: Range,
  argumentTypes: Readonly<Record<string, InferredType>>,
  result: MappingInfo | undefined,
  context: CallContext,
  reporter: DiagnosticReporter,
): void {
  const { length, offset, file, flags } = args;
  if (argumentTypes.file?.type === "null") {
    if (length === undefined) reporter.report(range, problems.missingArgument("length", formatSignature(entry)));
    else if (flags?.kind === "flags" && !flags.flags.includes("private")) reporter.report(file!.range, problems.notPrivate());
  }
  const bytes = constantValue(length) ?? result?.length;
  if (length !== undefined && bytes === 0) {
    reportRefusal(
      length.range,
      "EINVAL",
      "the length is 0",
      problems.outOfBounds("The length", "1", formatSizeLiteral(context.arch.TASK_SIZE)),
      context,
      reporter,
    );
  }
  checkAddressRange(args, bytes, (bytes ?? 0) > context.arch.TASK_SIZE ? "EINVAL" : "ENOMEM", context, reporter);
  const start = constantValue(offset);
  const mapped = argumentTypes.file?.file;
  if (length === undefined && start !== undefined && mapped !== undefined && start >= roundUpToPage(mapped.size)) {
    reporter.report(offset!.range, problems.beyondFile(mapped.name, formatSizeLiteral(mapped.size)));
  }
}

/** Checks that `bytes` bytes, at `at` if it is given, lie within the address space. */
function checkAddressRange(
  { at, length, size, file, range }: CallNode["args"],
  bytes: number | undefined,
  error: string,
  context: CallContext,
  reporter: DiagnosticReporter,
): void {
  const { TASK_SIZE } = context.arch;
  const address = constantValue(at);
  const end = (address ?? 0) + roundUpToPage(bytes ?? 0);
  if (end <= TASK_SIZE && (address ?? 0) < TASK_SIZE) return;
  const blamed = at ?? length ?? size ?? file ?? range!;
  const reach = hex(Math.max(end, address ?? 0));
  reportRefusal(
    blamed.range,
    error,
    `this would reach up to ${reach}, and the address space ends at ${hex(TASK_SIZE)}`,
    problems.beyondTaskSize(reach, hex(TASK_SIZE)),
    context,
    reporter,
  );
}

/** Checks that the mappings of the body of a process fit into its address space, and that fixed ones do not overlap. */
export function checkMappings({ declaration, mappings }: ProcessInfo, { TASK_SIZE }: Arch, reporter: DiagnosticReporter): void {
  let fixed: { readonly name: string; readonly line: number; readonly start: number; readonly end: number }[] = [];
  let total = 0;
  // munmap and mremap leave gaps that are known only during the run.
  const unmaps = statementsOf(declaration.body).some((s) => callsOfStatement(s).some(({ call }) => call === "munmap" || call === "mremap"));
  const walk = (body: Body, times: number) => {
    for (const statement of body) {
      if ("body" in statement) {
        walk(
          statement.body,
          times * (statement.kind === "repeat" || statement.kind === "every" ? (constantValue(statement.count ?? undefined) ?? 1) : 1),
        );
      }
      if (statement.kind !== "call") continue;
      if (statement.call === "munmap" || statement.call === "mremap") fixed = [];
      if (statement.call !== "mmap") continue;
      const name = statement.result ?? "a mapping";
      const given = constantValue(statement.args.length);
      const length = given === undefined ? mappings.get(name)?.length : roundUpToPage(given);
      if (length === undefined) continue;
      const start = constantValue(statement.args.at);
      if (!unmaps && (start === undefined || times === 1)) {
        const before = total;
        total += length * times;
        if (before <= TASK_SIZE && total > TASK_SIZE && length <= TASK_SIZE) {
          reporter.report(statement.range, problems.addressSpaceFull(declaration.name, formatSizeLiteral(TASK_SIZE)));
        }
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
