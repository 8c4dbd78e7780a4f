// Colours of console output, for whoever has some.

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "blue" | "magenta" | "cyan";

/** Puts text into a style, or leaves it alone. */
export type Paint = (style: Style, text: string) => string;

/** Text without any style. */
export const PLAIN: Paint = (_style, text) => text;
