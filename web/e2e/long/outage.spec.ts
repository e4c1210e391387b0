// Twenty seconds without an answer: people see each other again without doing
// anything, and the log has the hole.

import { runningSince, watchFrames } from "../frames";
import { expect, hangUp, meet, plan, test } from "../world";
import { seesPicture } from "../steps";

const name = "Tomás Ferreira";

// The server stands still: packets and sockets get no answer and no refusal,
// which is what a dead network looks like from both ends.
test("twenty seconds without an answer", async ({ host, candidate, world }) => {
  const planned = await plan(host, name);
  await meet(host, candidate, planned);
  await seesPicture(host, name);
  await seesPicture(candidate, "Ines Duarte");
  await host.evaluate(watchFrames, `Picture of ${name}`);
  world.server.process.kill("SIGSTOP");
  const gone = Date.now();
  try {
    for (const page of [candidate, host]) await expect(page.getByText("Trying to come back by itself.")).toBeVisible();
    await expect.poll(() => Date.now() - gone, { timeout: 25_000, intervals: [500] }).toBeGreaterThan(20_000);
  } finally {
    world.server.process.kill("SIGCONT");
  }
  const back = Date.now();
  const last = await host.evaluate(() => window.framesSeen.at(-1)?.at ?? 0);
  expect(last - gone, "no picture came through meanwhile").toBeLessThan(2_000);
  const running = (): Promise<number> => host.evaluate(runningSince, { after: back, steady: 3_000, pause: 1_000 });
  await expect.poll(running, { message: "a picture that runs again", timeout: 30_000 }).toBeGreaterThan(0);
  const figures = `picture again ${Math.round(await running() - back)} ms after the outage of ${back - gone} ms`;
  console.log(figures);
  test.info().annotations.push({ type: "outage", description: figures });
  await seesPicture(candidate, "Ines Duarte");
  for (const page of [candidate, host]) await expect(page.getByText("Trying to come back by itself.")).toHaveCount(0);
  await expect(host.getByLabel("Recording state: Recording").first()).toBeVisible();
  const ended = await hangUp(host, planned.id);
  // What the operating system kept of the first seconds is read afterwards and
  // recorded; all that came after that is a hole, for everybody and everything.
  const began = ended.interview.started_ms ?? 0;
  for (const p of ended.participants ?? [])
    for (const source of ["camera", "microphone"]) {
      const hole = ended.gaps?.some((g) => g.participant === p.id && g.source === source && g.start_ms < gone - began + 10_000 && g.end_ms > back - began - 1_000);
      expect(hole, `the hole of ${p.name}'s ${source} from ${gone - began} to ${back - began} ms is in the log: ${JSON.stringify(ended.gaps)}`).toBe(true);
    }
});
