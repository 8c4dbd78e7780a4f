// Text styles of console output: colours in a terminal, none elsewhere.

export type TextStyle = "bold" | "dim" | "red" | "green" | "yellow" | "blue" | "magenta" | "cyan";

/** Applies a style to text, or returns it unchanged. */
export type TextStyler = (style: TextStyle, text: string) => string;

/** Text without any style. */
export const UNSTYLED: TextStyler = (_style, text) => text;
