// A tab that is reloaded, a tab that is opened twice: people see each other
// again without doing anything, and the recording is still one file.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";

import { runningSince, watchFrames } from "./frames";
import { expect, hangUp, meet, plan, review, test } from "./world";
import { seesPicture } from "./steps";

const name = "Tomás Ferreira";

declare global {
  interface Window {
    sentAt: Record<string, number>; // Unix ms of the first message of each type
  }
}

test("a reload and a second tab", async ({ host, candidate, world }) => {
  const planned = await plan(host, name);
  await candidate.addInitScript(noteSending);
  await meet(host, candidate, planned);
  await seesPicture(host, name);
  await candidate.bringToFront();
  await expect(candidate.getByLabel("Recording state: Recording").first()).toBeVisible();
  await host.evaluate(watchFrames, `Picture of ${name}`);
  const folder = join(world.server.data, "media", planned.id);
  const files = (): string[] => (existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith(".webm")).sort() : []);
  await expect.poll(() => files().length, { message: "one file each" }).toBe(2);
  const before = files();
  // In mid-call, not while two browsers still start on the same machine.
  await expect.poll(() => host.evaluate(runningSince, { after: 0, steady: 4_000, pause: 1_000 }), { message: "a call that runs", timeout: 30_000 }).toBeGreaterThan(0);

  const reloaded = Date.now();
  await candidate.reload();
  await expect.poll(() => firstFrameAfterOffer(host, candidate), { message: "a picture after the reload" }).toBeGreaterThan(0);
  const sent = await candidate.evaluate(() => window.sentAt);
  const first = await firstFrameAfterOffer(host, candidate);
  const since = (at: number | undefined): number => Math.round(first - (at ?? 0));
  const figures = `picture again ${since(reloaded)} ms after the reload, ${since(sent.join)} ms after joining, ${since(sent["publish.offer"])} ms after media were offered`;
  console.log(figures);
  test.info().annotations.push({ type: "reload", description: figures });
  // 0.5 s on an idle machine; this one may be building something at the same time.
  expect(since(sent["publish.offer"]), figures).toBeLessThan(3_000);
  await seesPicture(host, name);
  await seesPicture(candidate, "Ines Duarte");

  const second = await candidate.context().newPage();
  await second.goto(planned.link);
  await expect(second.getByRole("toolbar", { name: "Call controls" }), "no second admission").toBeVisible();
  await expect(candidate.getByRole("heading", { name: "The interview is open elsewhere" })).toBeVisible();
  await second.getByRole("button", { name: "Start camera" }).click();
  await seesPicture(host, name);

  await expect.poll(() => Date.now(), { message: "something to play after the reload", timeout: 20_000 }).toBeGreaterThan(reloaded + 9_000);
  const ended = await hangUp(host, planned.id);
  expect(files(), "recorded into the same files").toEqual(before);
  const person = ended.participants?.find((p) => p.role === "candidate")?.id;
  expect(ended.segments?.filter((s) => s.participant === person).length, "segments of the candidate").toBe(1);
  await playsAcross(host, planned.id, reloaded - (ended.interview.started_ms ?? 0));
});

/** Notes when a page sends its messages; runs in the page before anything else. */
function noteSending(): void {
  window.sentAt = {};
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    const { type } = JSON.parse(String(data)) as { type: string };
    window.sentAt[type] ??= Date.now();
    send.call(this, data);
  };
}

/** When the first picture was to be seen that the reloaded page sent; 0 for none yet. */
async function firstFrameAfterOffer(host: Page, candidate: Page): Promise<number> {
  const offered = await candidate.evaluate(() => window.sentAt["publish.offer"] ?? Infinity);
  return host.evaluate((at) => window.framesSeen.find((f) => f.arrived > at && !f.covered)?.shown ?? 0, offered);
}

/** The review plays from before an instant to after it. */
async function playsAcross(host: Page, id: string, at: number): Promise<void> {
  await host.goto(`/interviews/${id}/review`);
  const player = host.getByRole("region", { name: "Player" });
  const time = async (): Promise<number> => Number(await player.getAttribute("data-time-ms"));
  await host.getByRole("button", { name: "Play", exact: true }).click();
  await expect.poll(time, { message: `plays across the reload at ${at} ms`, timeout: 60_000 }).toBeGreaterThan(at + 3_000);
  expect((await review(host, id)).duration_ms).toBeGreaterThan(at);
  const shown = player.getByLabel(`Candidate: recording of ${name}`);
  const position = (): Promise<number> => shown.evaluate((v: HTMLVideoElement) => v.currentTime);
  const then = await position();
  await expect.poll(position, { message: "the candidate's picture runs on" }).toBeGreaterThan(then);
}
