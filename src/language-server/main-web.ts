// The language server as a web worker.

import { BrowserMessageReader, BrowserMessageWriter, createConnection } from "vscode-languageserver/browser.js";
import { MessageGuard } from "./message-guard.ts";
import { startServer } from "./server.ts";

declare const self: ConstructorParameters<typeof BrowserMessageReader>[0];

startServer(createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self), { messageStrategy: new MessageGuard() }));
