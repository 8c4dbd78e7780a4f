// What the adapter sends to the client: results of requests, and events.

/** The body of a response, and what is to be done after the response was sent. */
export interface RequestResult<B = unknown> {
  readonly body?: B;
  readonly afterResponse?: () => void | Promise<void>;
}

/** Sends an event to the client. */
export type SendEvent = (event: string, body?: object) => void;
