// What of waiting.mjs programs in TypeScript use.

/** How long to wait for one thing, in milliseconds. */
export const PATIENCE: number;

/** Waits until `probe` gives something true, and gives that. */
export function until<T>(what: string, probe: () => T | Promise<T>, patience?: number): Promise<NonNullable<T>>;
