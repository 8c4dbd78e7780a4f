// Mocha's root hooks while it is noted which test reaches which mutants: what is noted belongs to the test that is under way.
import { appendFileSync } from "node:fs";
import { noted } from "./chosen.mjs";

export const mochaHooks = {
  beforeEach() {
    noted.test = this.currentTest.fullTitle();
    noted.seen.fill(0);
    process.env.LOCKBREAK_MUTANT_TEST = noted.test;
  },
  afterEach() {
    const { duration, state } = this.currentTest;
    appendFileSync(process.env.LOCKBREAK_MUTANT_NOTES, `${JSON.stringify([0, noted.test, duration, state])}\n`);
    noted.test = "";
    noted.seen.fill(0);
  },
};
