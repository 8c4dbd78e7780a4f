// The setting `lockbreak.limits.memory`, as the client tells it.

import type { LangiumSharedServices } from "langium/lsp";
import { readSize } from "../scenario/lower/literals.ts";

/** Settings as the client sends them: anything may be missing or of another type. */
interface Settings {
  readonly limits?: { readonly memory?: unknown };
}

export class LimitSettings {
  /** Bytes that a scenario may need; undefined if nobody has set another limit than the language's own. */
  memory: number | undefined;

  constructor(services: LangiumSharedServices) {
    services.workspace.ConfigurationProvider.onConfigurationSectionUpdate(({ section, configuration }) => {
      if (section !== "lockbreak") return;
      const text = (configuration as Settings | null)?.limits?.memory;
      const memory = typeof text === "string" ? (readSize(text) ?? undefined) : undefined;
      if (memory === this.memory) return;
      this.memory = memory;
      for (const document of services.workspace.TextDocuments?.all() ?? []) services.lsp.DocumentUpdateHandler.didChangeContent?.({ document });
    });
  }
}
