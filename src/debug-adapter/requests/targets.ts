// Goto targets, the executions of a line, and step-in targets, the calls of a statement. They are valid until the execution moves.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import { callSitesIn, entryLocations } from "../sources/sites.ts";
import type { Sources } from "../sources/sources.ts";
import type { StackFrame } from "../values/stack.ts";

interface GotoTarget {
  readonly sites: ReadonlySet<number>;
  readonly forwards: boolean;
  /** The target in words: `next execution of line 12`. */
  readonly text: string;
}

export class OfferedTargets {
  private readonly gotoTargetsById = new Map<number, GotoTarget>();
  private readonly callsById = new Map<number, number>();
  private nextId = 1;

  constructor(private readonly sources: Sources) {}

  /** The execution moves: targets that were offered are not valid any more. */
  invalidate(): void {
    this.gotoTargetsById.clear();
    this.callsById.clear();
  }

  /** The previous and the next execution of each statement on a line, or of the statement at a column. */
  async gotoTargets({ source, line, column }: DebugProtocol.GotoTargetsArguments): Promise<DebugProtocol.GotoTarget[]> {
    const found = await this.sources.locationsIn(source);
    const [wanted, at] = [this.sources.fromClientLine(line), this.sources.fromClientColumn(column)];
    const locations = "locations" in found ? found.locations.filter((location) => location.line === wanted) : [];
    const meant = locations.filter(
      (location) => at !== undefined && at >= location.column && (location.endLine > wanted || at < location.endColumn),
    );
    return (meant.length > 0 ? meant.slice(-1) : locations).flatMap((location) =>
      [true, false].map((forwards) => {
        const where = locations.length > 1 ? `line ${line}, column ${this.sources.toClientRange(location).column}` : `line ${line}`;
        const text = `${forwards ? "next" : "previous"} execution of ${where}`;
        this.gotoTargetsById.set(this.nextId, { sites: new Set([location.site]), forwards, text });
        return { id: this.nextId++, label: `${forwards ? "▶" : "◀"} ${text}`, ...this.sources.toClientRange(location) };
      }),
    );
  }

  gotoTarget(id: number): GotoTarget {
    const target = this.gotoTargetsById.get(id);
    if (target === undefined) throw adapterErrors.staleTarget();
    return target;
  }

  /** The calls of the current statement that can be stepped into, in the order of the text. */
  stepInTargets({ number, site }: StackFrame): DebugProtocol.StepInTarget[] {
    if (number !== 0 || site === null) return [];
    return callSitesIn(site).flatMap(({ call, range }) => {
      const label = this.sources.kernelStatementText(call).replace(/^yield\* /, "");
      const [, name] = /^(?:k\.)?(\w+)\(/.exec(label) ?? [];
      if (name === undefined || entryLocations(name).length === 0) return [];
      this.callsById.set(this.nextId, call);
      return [{ id: this.nextId++, label, ...this.sources.toClientRange(range) }];
    });
  }

  stepInCall(id: number): number {
    const call = this.callsById.get(id);
    if (call === undefined) throw adapterErrors.staleTarget();
    return call;
  }
}
