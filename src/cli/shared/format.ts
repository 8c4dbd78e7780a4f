// How values look: as everywhere in the console.

export * from "../../console/format.ts";
