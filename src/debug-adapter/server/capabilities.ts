// The capabilities that `initialize` answers with: exactly what is implemented.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { EXCEPTION_FILTERS } from "../breakpoints/exception-filters.ts";

export const CAPABILITIES: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsBreakpointLocationsRequest: true,
  supportsExceptionFilterOptions: true,
  supportsExceptionInfoRequest: true,
  exceptionBreakpointFilters: EXCEPTION_FILTERS.map(({ event: _event, ...filter }) => filter),
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
