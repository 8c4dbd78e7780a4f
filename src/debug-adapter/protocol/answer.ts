// What leaves a debug session: answers to requests, and events.

/** What a request is answered with, and what is to be done when the answer has left. */
export interface Answer<B = unknown> {
  readonly body?: B;
  readonly after?: () => void | Promise<void>;
}

/** Sends an event to the client. */
export type Emit = (event: string, body?: object) => void;
