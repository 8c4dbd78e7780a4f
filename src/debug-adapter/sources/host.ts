// What the adapter needs of the environment that it runs in. A worker, a process with pipes and one with a socket each provide theirs.

/**
 * The environment of one session. The adapter calls nothing else that depends on a platform, but for the clock, timers and the event loop.
 *
 * `readFile` is called while a `launch` or a `restart` is handled, when breakpoints or their locations are requested in a scenario that
 * was not launched, and when the client asks if the launched scenario has changed; each time the file is read again. It may take
 * any time: meanwhile the session answers no request but `cancel`, `terminate` and `disconnect`, which do not wait for it. It
 * resolves to the text, however the file is encoded; it rejects with an Error whose message says in a few words why not, without
 * a capital and a full stop ("there is no such file"), as it becomes a part of a message to the user. A result that comes after
 * `end` is ignored.
 *
 * `kernelFolder` is read at any time and must not change. It is an absolute path, below which the client can open the files under
 * the names that they have below `src/engine/kernel`. With null, a client that names no base of its own (`kernelSources`) gets the
 * texts by `source` requests.
 *
 * `end` is called once the response to `disconnect` was sent, and never before: it closes the connection and releases whatever
 * the session holds there. The adapter sends nothing any more and calls no other member. It must not throw. If the
 * connection is lost instead, the environment calls `DebugSession.close`, and `end` is not called.
 */
export interface Host {
  /** The text of a file, by path or URI. */
  readFile(pathOrUri: string): Promise<string>;
  /** The folder with the kernel's sources that are shipped with the adapter; null if clients cannot open files there. */
  readonly kernelFolder: string | null;
  /** The session is over, and its last message is sent. */
  end(): void;
}
