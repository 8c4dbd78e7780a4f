// What the adapter needs of the place it runs in. A worker, a process with pipes and one with a socket each give it theirs.

export interface Host {
  /** The text of a file, by path or URI. Rejects with an Error whose message says in a few words why not. */
  readFile(pathOrUri: string): Promise<string>;
  /** The folder with the kernel's sources that are shipped with the adapter; null if clients cannot open files of it. */
  readonly kernelFolder: string | null;
  /** The session is over, and its last message is sent. */
  end(): void;
}
