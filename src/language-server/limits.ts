// The setting `lockbreak.limits.memory`, as the client reports it.

import type { LangiumSharedServices } from "langium/lsp";
import { parseSize } from "../scenario/lower/literals.ts";

/** Settings as the client sends them: anything may be missing or of another type. */
interface Settings {
  readonly limits?: { readonly memory?: unknown };
}

export class LimitSettings {
  /** The memory that a run may need, in bytes; undefined if the user has not set a valid limit. */
  memory: number | undefined;

  constructor(services: LangiumSharedServices) {
    services.workspace.ConfigurationProvider.onConfigurationSectionUpdate(({ section, configuration }) => {
      if (section !== "lockbreak") return;
      const text = (configuration as Settings | null)?.limits?.memory;
      const memory = typeof text === "string" ? (parseSize(text) ?? undefined) : undefined;
      if (memory === this.memory) return;
      this.memory = memory;
      for (const document of services.workspace.TextDocuments?.all() ?? []) {
        services.lsp.DocumentUpdateHandler.didChangeContent?.({ document });
      }
    });
  }
}
