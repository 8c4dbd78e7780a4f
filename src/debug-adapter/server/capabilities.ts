// What clients may ask of us: exactly what works.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { FILTERS } from "../breakpoints/filters.ts";

export const CAPABILITIES: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsBreakpointLocationsRequest: true,
  supportsExceptionFilterOptions: true,
  supportsExceptionInfoRequest: true,
  exceptionBreakpointFilters: FILTERS.map(({ event: _event, ...filter }) => filter),
  supportsDataBreakpoints: true,
  supportsReadMemoryRequest: true,
  supportsSetVariable: true,
  supportsSetExpression: true,
  supportsSingleThreadExecutionRequests: true,
  supportsStepBack: true,
  supportsRestartFrame: true,
  supportsGotoTargetsRequest: true,
  supportsStepInTargetsRequest: true,
  supportsRestartRequest: true,
  supportsModulesRequest: true,
  supportsTerminateRequest: true,
  supportsCancelRequest: true,
  supportsDelayedStackTraceLoading: true,
  supportsEvaluateForHovers: true,
  supportsCompletionsRequest: true,
  completionTriggerCharacters: [".", ">", "[", "("],
  supportsClipboardContext: true,
  supportsValueFormattingOptions: true,
  supportsLoadedSourcesRequest: true,
};
