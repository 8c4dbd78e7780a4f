// Navigation for which the editor has no commands of its own: to events and stops, and branches.

import { equal, match } from "./assert.ts";
import { Session, cleanUp } from "./session.ts";
import { exampleUri } from "./workspace.ts";

describe("going about in time", () => {
  afterEach(cleanUp);

  it("goes to events and stops by commands", async () => {
    const session = await Session.launch(exampleUri("truncate-lockbreak.vmscn"));
    await session.stop(1);
    const places = [await session.where()];
    for (const motion of ["lockbreak.nextEvent", "lockbreak.nextEvent", "lockbreak.previousEvent"] as const) {
      await session.move(motion);
      places.push(await session.where());
    }
    equal(new Set(places).size, 3, "places");
    equal(places[3], places[1], "there and back");
    for (const place of places.slice(0, 3).reverse()) {
      await session.move("lockbreak.previousStop");
      equal(await session.where(), place, "a stop before");
    }
    await session.move("lockbreak.nextStop");
    equal(await session.where(), places[1], "the stop after");
  });

  it("makes a branch, marks it, and leads back", async () => {
    const session = await Session.launch(exampleUri("truncate-lockbreak.vmscn"));
    await session.stop(1);
    const before = await session.where();
    match((await session.move("lockbreak.continueOnly")).description, /what-if/);
    match(session.branch.join(), /only shrink executes.*all execute/);
    const back = await session.move("lockbreak.leaveBranch");
    match(back.description, /^(?!.*what-if)/);
    equal(session.branch, []);
    equal(await session.where(), before, "back where it began");
  });
});
