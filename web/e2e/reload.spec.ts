// A tab that is reloaded, a tab that is opened twice, twenty seconds without an
// answer: people see each other again without doing anything, and
// the recording is still one file.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";

import { expect, hangUp, meet, plan, review, test } from "./world";
import { seesPicture } from "./steps";

const name = "Tomás Ferreira";

declare global {
  interface Window {
    sentAt: Record<string, number>; // Unix ms of the first message of each type
    framesAt: number[]; // Unix ms at which pictures were presented
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
  const last = await host.evaluate(() => window.framesAt.at(-1) ?? 0);
  expect(last - gone, "no picture came through meanwhile").toBeLessThan(2_000);
  await expect.poll(() => host.evaluate((at) => window.framesAt.find((t) => t > at) ?? 0, back), { timeout: 25_000 }).toBeGreaterThan(0);
  const figures = `picture again ${Math.round((await host.evaluate((at) => window.framesAt.find((t) => t > at) ?? 0, back)) - back)} ms after the outage of ${back - gone} ms`;
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

/** Notes when pictures of somebody are presented, whichever element shows them; runs in the page. */
function watchFrames(label: string): void {
  window.framesAt = [];
  let watched: Element | null = null;
  const next = (video: HTMLVideoElement): void => {
    video.requestVideoFrameCallback((now) => {
      window.framesAt.push(performance.timeOrigin + now);
      next(video);
    });
  };
  setInterval(() => {
    const video = document.querySelector<HTMLVideoElement>(`video[aria-label="${label}"]`);
    if (video === null || video === watched) return;
    watched = video;
    next(video);
  }, 20);
}

/** When the first picture was presented that the reloaded page can have sent; 0 for none yet. */
async function firstFrameAfterOffer(host: Page, candidate: Page): Promise<number> {
  const offered = await candidate.evaluate(() => window.sentAt["publish.offer"] ?? Infinity);
  return host.evaluate((at) => window.framesAt.find((t) => t > at) ?? 0, offered);
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
