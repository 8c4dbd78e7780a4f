// Requests that set variables and expressions, and that say how values are shown.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import type { SetHexArguments } from "../protocol/protocol.ts";
import type { RequestResult, SendEvent } from "../protocol/request-result.ts";
import type { StackFrame } from "../values/stack.ts";
import type { BranchRequests } from "./branch-requests.ts";
import type { Inspection } from "./inspection.ts";

type SetResult = RequestResult<DebugProtocol.SetVariableResponse["body"]>;

export class VariableRequests {
  /** The client accepts `invalidated` events. */
  supportsInvalidated = false;

  constructor(
    private readonly inspection: Inspection,
    private readonly branches: BranchRequests,
    private readonly sendEvent: SendEvent,
  ) {}

  async setVariable({ variablesReference, name, value, format }: DebugProtocol.SetVariableArguments): Promise<SetResult> {
    this.inspection.requireStopped();
    const found = this.inspection.variables.resolve(variablesReference, name);
    if (found === null || found.expression === "") throw adapterErrors.cannotSet(name, "it is no data location");
    return this.set(found.expression, value, found.frame, format);
  }

  setExpression({ expression, value, frameId, format }: DebugProtocol.SetExpressionArguments): Promise<SetResult> {
    this.inspection.requireStopped();
    return this.set(expression, value, frameId === undefined ? null : this.inspection.frame(frameId), format);
  }

  /** Answers the request `lockbreak/setHex`. */
  setHex({ hex }: SetHexArguments): RequestResult {
    this.inspection.variables.hex = hex === true;
    return { afterResponse: () => (this.supportsInvalidated ? this.sendEvent("invalidated", { areas: ["variables"] }) : undefined) };
  }

  private async set(
    place: string,
    value: string,
    frame: StackFrame | null,
    format: DebugProtocol.ValueFormat | undefined,
  ): Promise<SetResult> {
    const afterResponse = this.branches.setValue(place, value, frame);
    const context = { ...(frame === null ? {} : { frameId: frame.protocolFrame.id }), ...(format === undefined ? {} : { format }) };
    const { result, ...rest } = await this.inspection.evaluate({ expression: place, ...context });
    return { body: { value: result, ...rest }, afterResponse };
  }
}
