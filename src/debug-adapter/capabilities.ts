// What clients may ask of us: exactly what works.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { FILTERS } from "./filters.ts";

export const CAPABILITIES: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsBreakpointLocationsRequest: true,
  supportsExceptionFilterOptions: true,
  supportsExceptionInfoRequest: true,
  exceptionBreakpointFilters: FILTERS.map(({ event: _event, ...filter }) => filter),
  supportsDataBreakpoints: true,
  supportsStepBack: true,
  supportsTerminateRequest: true,
  supportsCancelRequest: true,
  supportsDelayedStackTraceLoading: true,
  supportsEvaluateForHovers: true,
  supportsClipboardContext: true,
  supportsValueFormattingOptions: true,
  supportsLoadedSourcesRequest: true,
};
