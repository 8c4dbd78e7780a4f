// Formatters for values: those of the console.

export * from "../../console/format.ts";
