// Yields to the event loop, which then handles messages, signals and closed pipes that have arrived. Timers would do as well, but
// browsers clamp theirs to several milliseconds.

/** As much of a browser's MessageChannel as is needed. */
interface Channel {
  readonly port1: { onmessage: (() => void) | null };
  readonly port2: { postMessage(message: null): void };
}

// Without a channel in Node: a port that keeps sending to itself starves the pipes there.
const channel = typeof setImmediate === "function" ? null : (new MessageChannel() as unknown as Channel);
const pending: (() => void)[] = [];
if (channel !== null) channel.port1.onmessage = () => pending.shift()?.();

/** Resolves when the event loop has handled everything that is pending now. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    if (channel === null) {
      setImmediate(resolve);
    } else {
      pending.push(resolve);
      channel.port2.postMessage(null);
    }
  });
}

/** Wall-clock milliseconds of work between two yields of a deadline check. */
const DEADLINE = 20;

/** A check for long work, to be called often: it yields to the event loop whenever its deadline has passed. */
export function createDeadlineCheck(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < DEADLINE) return;
    await yieldToEventLoop();
    last = performance.now();
  };
}
