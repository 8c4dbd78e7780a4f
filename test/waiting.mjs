// How tests wait for what they cannot foresee the time of. No limit is on a whole run: tests may take as long as they get ahead.

/** How long to wait for one thing, in milliseconds: many times what anything takes on a machine that is busy with other work. */
export const PATIENCE = 120_000;

const PAUSE = 25;

/** Waits until `probe` gives something true, and gives that. */
export async function until(what, probe, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`still waiting for ${what} after ${patience / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** What the promise resolves to, if it does in time. */
export async function inTime(what, promise, patience = PATIENCE) {
  const watchdog = new Watchdog(what, patience);
  try {
    return await Promise.race([promise, watchdog.stuck]);
  } finally {
    watchdog.stop();
  }
}

/** Tells when nothing has got ahead for some time: `stuck` rejects then. */
export class Watchdog {
  #timer;
  #bark;
  #last = "nothing";

  /** @param what what is waited for, @param patience how long it may take to get a step ahead, in milliseconds */
  constructor(what, patience = PATIENCE) {
    this.patience = patience;
    this.stuck = new Promise((_, reject) => {
      this.#bark = () => reject(new Error(`still waiting for ${what} after ${patience / 1000} s; the last that came was ${this.#last}`));
    });
    this.stuck.catch(() => {});
    this.#arm();
  }

  /** A step ahead. */
  progress(step) {
    this.#last = step;
    this.stop();
    this.#arm();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #arm() {
    this.#timer = setTimeout(this.#bark, this.patience);
  }
}
