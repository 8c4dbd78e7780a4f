// Requests about the sources of the run: their texts, the files it consists of, and the places in them that can be gone to.

import type { DebugProtocol } from "@vscode/debugprotocol";
import type { LaunchedRun } from "../execution/execution.ts";
import { adapterErrors } from "../protocol/adapter-errors.ts";
import type { RequestResult } from "../protocol/request-result.ts";
import type { Sources } from "../sources/sources.ts";
import type { Inspection } from "./inspection.ts";
import type { OfferedTargets } from "./targets.ts";

export class SourceRequests {
  constructor(
    private readonly sources: Sources,
    private readonly targets: OfferedTargets,
    private readonly inspection: Inspection,
    /** The run; null before a scenario was launched. */
    private readonly launched: () => LaunchedRun | null,
  ) {}

  source({ source, sourceReference }: DebugProtocol.SourceArguments): RequestResult<DebugProtocol.SourceResponse["body"]> {
    return { body: { content: this.sources.referencedText(source?.sourceReference ?? sourceReference), mimeType: "text/typescript" } };
  }

  modules({ startModule = 0, moduleCount = 0 }: DebugProtocol.ModulesArguments): RequestResult<DebugProtocol.ModulesResponse["body"]> {
    const launched = this.launched();
    const modules = launched === null ? [] : this.sources.modules(launched.debuggee);
    const end = moduleCount === 0 ? undefined : startModule + moduleCount;
    return { body: { modules: modules.slice(startModule, end), totalModules: modules.length } };
  }

  loadedSources(): RequestResult<DebugProtocol.LoadedSourcesResponse["body"]> {
    const launched = this.launched();
    return { body: { sources: launched === null ? [] : this.sources.loadedSources(launched.debuggee) } };
  }

  async gotoTargets(args: DebugProtocol.GotoTargetsArguments): Promise<RequestResult<DebugProtocol.GotoTargetsResponse["body"]>> {
    if (args.source === undefined) throw adapterErrors.malformedRequest("'source' is missing");
    this.inspection.requireStopped();
    return { body: { targets: await this.targets.gotoTargets(args) } };
  }

  stepInTargets({ frameId }: DebugProtocol.StepInTargetsArguments): RequestResult<DebugProtocol.StepInTargetsResponse["body"]> {
    this.inspection.requireStopped();
    return { body: { targets: this.targets.stepInTargets(this.inspection.frame(frameId)) } };
  }
}
