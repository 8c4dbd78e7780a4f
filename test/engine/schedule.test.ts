// Schedules as text: what is written is read again, and what was changed on its way is refused.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  format_schedule,
  format_segments,
  parse_schedule,
  parse_segments,
  ScheduleError,
  type RecordedSchedule,
  type ScheduleSegment,
} from "../../src/engine/schedule/schedule.ts";

/** Objects as literals make them. */
const PLAIN = { noNullPrototype: true } as const;
/** A timer tick is a segment of one transition. */
const segments = fc.array(
  fc.oneof(
    fc.record({ process: fc.stringMatching(/^[a-z]{1,2}$/), transitions: fc.integer({ min: 1, max: 999_999 }) }, PLAIN),
    fc.record({ process: fc.nat(31).map((cpu) => `!${cpu}`), transitions: fc.constant(1) }, PLAIN),
  ),
  { maxLength: 12 },
);
const schedules: fc.Arbitrary<RecordedSchedule> = fc.record(
  {
    kernel: fc.constantFrom("2.6.9", "vmtrunc4", "2.6.38", "3.0"),
    scenario_fingerprint: fc.stringMatching(/^[0-9a-z]{8}$/),
    schedule: fc.record({ segments, cycle: segments }, PLAIN),
  },
  PLAIN,
);

describe("schedules", () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(schedules, (schedule) => {
        const text = format_schedule(schedule);
        assert.match(text, /^[0-9a-z:.!()]+:[0-9a-z]{8}$/);
        assert.deepEqual(parse_schedule(text), schedule);
        assert.deepEqual(parse_schedule(`  ${text}\n`), schedule);
      }),
    );
  });

  it("write each of several ticks as a segment of its own", () => {
    const ticks: ScheduleSegment[] = [{ process: "!0", transitions: 2 }];
    assert.deepEqual(parse_segments(format_segments(ticks)), [
      { process: "!0", transitions: 1 },
      { process: "!0", transitions: 1 },
    ]);
  });

  it("are refused if a character was changed, lost, added, or has changed places", () => {
    const character = fc.constantFrom(..."abz019:.!()X ");
    const refused = (text: string): void => assert.throws(() => parse_schedule(text), ScheduleError, text);
    fc.assert(
      fc.property(schedules, fc.nat(), character, (schedule, number, other) => {
        const text = format_schedule(schedule);
        const at = number % text.length;
        const [before, one, after] = [text.slice(0, at), text[at]!, text.slice(at + 1)];
        refused(before + after);
        if (other !== one) refused(before + other + after);
        if (at > 0 || other !== " ") refused(before + other + one + after);
        const [next] = after;
        if (next !== undefined && next !== one) refused(before + next + one + after.slice(1));
        refused(before);
        refused(`${text}:0`);
      }),
    );
  });
});
