// A turn of the event loop: messages, signals and closed pipes that have arrived are handled before it is over. Timers would do, but clients of
// the web clamp theirs to several milliseconds.

/** As much of a browser's MessageChannel as is needed. */
interface Channel {
  readonly port1: { onmessage: (() => void) | null };
  readonly port2: { postMessage(message: null): void };
}

// Without a channel in Node: a port that keeps sending to itself starves the pipes there.
const channel = typeof setImmediate === "function" ? null : (new MessageChannel() as unknown as Channel);
const waiting: (() => void)[] = [];
if (channel !== null) channel.port1.onmessage = () => waiting.shift()?.();

/** Resolves after everything that waits now was handled. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (channel === null) {
      setImmediate(resolve);
    } else {
      waiting.push(resolve);
      channel.port2.postMessage(null);
    }
  });
}

/** Wall-clock milliseconds of work between two turns of those who ask often. */
const SLICE = 20;

/** nextTurn() for those who ask often: only now and then it is time for one. */
export function seldom(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < SLICE) return;
    await nextTurn();
    last = performance.now();
  };
}
