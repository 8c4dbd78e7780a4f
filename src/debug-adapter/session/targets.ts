// Places to go to that a client is offered: executions of a line, and the calls of a statement.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { errors } from "../protocol/errors.ts";
import { callsIn, entrySpots } from "../sources/sites.ts";
import type { Sources } from "../sources/sources.ts";
import type { StackFrame } from "../values/stack.ts";

interface LineTarget {
  readonly sites: ReadonlySet<number>;
  readonly forwards: boolean;
  /** What is gone to, in words. */
  readonly text: string;
}

export class Targets {
  private readonly lines = new Map<number, LineTarget>();
  private readonly calls = new Map<number, number>();
  private nextId = 1;

  constructor(private readonly sources: Sources) {}

  /** The execution moves: what was offered means nothing any more. */
  forget(): void {
    this.lines.clear();
    this.calls.clear();
  }

  /** The last and the next execution of each statement on a line, or of the one at a column. */
  async onLine({ source, line, column }: DebugProtocol.GotoTargetsArguments): Promise<DebugProtocol.GotoTarget[]> {
    const found = await this.sources.spots(source);
    const [wanted, at] = [this.sources.line(line), this.sources.column(column)];
    const spots = "spots" in found ? found.spots.filter((spot) => spot.line === wanted) : [];
    const meant = spots.filter((spot) => at !== undefined && at >= spot.column && (spot.endLine > wanted || at < spot.endColumn));
    return (meant.length > 0 ? meant.slice(-1) : spots).flatMap((spot) =>
      [true, false].map((forwards) => {
        const where = spots.length > 1 ? `line ${line}, column ${this.sources.clientRange(spot).column}` : `line ${line}`;
        const text = `${forwards ? "next" : "previous"} execution of ${where}`;
        this.lines.set(this.nextId, { sites: new Set([spot.site]), forwards, text });
        return { id: this.nextId++, label: `${forwards ? "▶" : "◀"} ${text}`, ...this.sources.clientRange(spot) };
      }),
    );
  }

  line(id: number): LineTarget {
    const target = this.lines.get(id);
    if (target === undefined) throw errors.no_target();
    return target;
  }

  /** The calls of the statement at hand that one can step into, in the order of the text. */
  inStatement({ number, site }: StackFrame): DebugProtocol.StepInTarget[] {
    if (number !== 0 || site === null) return [];
    return callsIn(site).flatMap(({ call, range }) => {
      const label = this.sources.kernelText(call).replace(/^yield\* /, "");
      const [, name] = /^(?:k\.)?(\w+)\(/.exec(label) ?? [];
      if (name === undefined || entrySpots(name).length === 0) return [];
      this.calls.set(this.nextId, call);
      return [{ id: this.nextId++, label, ...this.sources.clientRange(range) }];
    });
  }

  call(id: number): number {
    const call = this.calls.get(id);
    if (call === undefined) throw errors.no_target();
    return call;
  }
}
