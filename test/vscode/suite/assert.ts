// The few assertions that the tests in extension hosts need; a browser does not have Node's.

export function ok(value: unknown, message: string): asserts value {
  if (!value) throw new Error(message);
}

export function equal(actual: unknown, expected: unknown, what = "value"): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`);
}

export function match(actual: string | undefined, pattern: RegExp, what = "text"): void {
  if (actual === undefined || !pattern.test(actual)) throw new Error(`${what}: expected ${pattern}, got ${JSON.stringify(actual)}`);
}

/** Waits until `probe` gives something true, and gives that. */
export async function eventually<T>(what: string, probe: () => T | Promise<T>, within = 10_000): Promise<NonNullable<T>> {
  const end = Date.now() + within;
  for (;;) {
    const value = await probe();
    if (value) return value as NonNullable<T>;
    if (Date.now() > end) throw new Error(`still waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
