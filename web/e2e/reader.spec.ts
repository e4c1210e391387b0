// A real face whose irises follow a trace, through a browser's camera: whoever
// reads lines of 20° is found, with a plot beside the video, and whoever talks
// is not. The film comes from TestLongReaderInBrowser, which runs this.

import { expect, setUp, startServer, test } from "./app";
import { interviewerCamera, quiet, voice } from "./media";
import { folder, shoot } from "./shoot";
import { consent, createInterview, createLink, enterFrom, seesPicture } from "./steps";
import type { ReviewData, SeriesData } from "../src/gen/api";

const film = process.env.BONAFIDE_READER_FILM ?? "";
const wanted = Number(process.env.BONAFIDE_READER_FINDINGS ?? "0");
const seconds = 64;

test("eyes of a film are measured", async ({ data, open }) => {
  test.skip(film === "", "the film is made by go test -run TestLongReaderInBrowser ./server/app (make test-long)");
  const server = await startServer(data);
  const { page: host } = await open({ camera: interviewerCamera(), microphone: quiet() });
  const { page: candidate } = await open({ camera: film, microphone: voice("candidate") });
  await setUp(host, server);
  const path = await createInterview(host);
  const link = await createLink(host);
  await candidate.goto(link);
  await consent(candidate);
  await enterFrom(candidate, "Continue");
  await expect(async () => {
    // The page is long: what loads above the button may move it away from under a click.
    const again = candidate.getByRole("button", { name: "Continue" });
    if (await again.isVisible()) await again.click();
    await expect(candidate.getByRole("heading", { name: "Waiting room" })).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 40_000 });
  await host.getByRole("link", { name: "Enter room" }).click();
  await consent(host);
  await enterFrom(host, "Enter room");
  await host.getByRole("status").filter({ hasText: "is in the waiting room" }).getByRole("button", { name: "Admit" }).click();
  await seesPicture(host, "Tomás Ferreira");
  const began = Date.now();
  await expect.poll(() => Date.now() - began, { timeout: 90_000, message: "a minute of the film is shown" }).toBeGreaterThan(seconds * 1000);
  await host.getByRole("button", { name: "Hang up" }).click();
  await host.getByRole("dialog").getByRole("button", { name: "End interview" }).click();
  await host.goto(`${server.url}${path}/review`);
  // Coverage is written when an interval ends: the last ones come with the end of the analysis.
  const fetched = async (): Promise<ReviewData> => await (await host.request.get(`${server.url}/api${path}/review`)).json() as ReviewData;
  await expect.poll(async () => (await fetched()).ready, { timeout: 40_000, message: "the recordings and the analysis are finished" }).toBe(true);
  const review = await fetched();
  const gaze = (review.coverage ?? []).filter((c) => c.kind === "gaze.reading");
  const covered = (test: (c: (typeof gaze)[number]) => boolean): number => gaze.filter(test).reduce((sum, c) => sum + c.end_ms - c.start_ms, 0);
  const found = (review.findings ?? []).filter((f) => f.kind === "gaze.reading");
  console.log(`gaze.reading: measured for ${covered((c) => c.state === "measured")} ms, ${JSON.stringify(gaze.map((c) => [c.state, c.reason, c.start_ms, c.end_ms]))}`);
  console.log(JSON.stringify(found.map((f) => [f.start_ms, f.end_ms, f.values])));
  // What the relay was given and what was read of it, without the first and the last seconds.
  const series = await (await host.request.get(`${server.url}/api${path}/series?name=signal.rate&name=signal.face_readings`)).json() as SeriesData;
  const perSecond = (name: string): number => {
    const v = (series.lines ?? []).filter((l) => l.name === name && l.source === "camera").flatMap((l) => (l.points ?? []).slice(5, -3).map((p) => p.v));
    return v.reduce((sum, one) => sum + one, 0) / Math.max(v.length, 1);
  };
  const [pictures, readings] = [perSecond("signal.rate"), perSecond("signal.face_readings")];
  console.log(`${pictures.toFixed(1)} pictures a second arrived, faces were read in ${readings.toFixed(1)} of them`);
  const busy = covered((c) => c.reason === "overload");
  const measured = covered((c) => c.state === "measured");
  // Whatever the machine's speed: no second of the film is left without a word.
  expect(covered(() => true), "covered, measured or with a reason").toBeGreaterThanOrEqual(seconds * 1000);
  for (const [i, c] of gaze.entries()) {
    expect(c.state === "measured" || (c.reason ?? "") !== "", `a reason of ${JSON.stringify(c)}`).toBe(true);
    if (i > 0) expect(c.start_ms, "follows the one before").toBe(gaze[i - 1]?.end_ms);
  }
  // A browser that gives fewer pictures, or an analysis that says that it is late, are a busy machine's; anything else is ours.
  test.skip(measured < 12_000 && (busy > 10_000 || pictures < 14), `the machine is too busy for ten readings a second: ${pictures.toFixed(1)} pictures a second, ${busy} ms of overload`);
  expect(measured, "measured, after the first half minute").toBeGreaterThan(12_000);
  expect(found.length, "findings of reading").toBe(wanted);
  if (wanted === 0) return;
  await host.locator('[data-kind="gaze.reading"]').first().click();
  const plot = host.locator('[data-series="gaze.horizontal"]').last();
  await plot.scrollIntoViewIfNeeded();
  await expect(plot.locator("rect title").filter({ hasText: "sweep back" }).first()).toBeAttached();
  await expect(host.getByText(/^Marked: sweep back, \d+ times$/).first()).toBeVisible();
  // A press in the plot takes the player there.
  const head = plot.locator("..").locator("[data-playhead]");
  const width = (await plot.boundingBox())?.width ?? 0;
  await plot.click({ position: { x: width * 0.8, y: 40 } });
  await expect.poll(() => head.evaluate((line: HTMLElement) => parseFloat(line.style.left)), { message: "the playhead is where the plot was pressed" }).toBeCloseTo(80, -1);
  // Under the pointer a lane tells its coverage.
  const early = host.getByRole("group", { name: "Eyes move as when reading", exact: true }).locator('[data-coverage="not_measurable"][data-reason="too_short"]').first();
  await early.hover();
  await expect(host.getByText(/not measurable: not enough measured yet/)).toBeVisible();
  await host.screenshot({ path: test.info().outputPath("finding.png") });
  if (folder !== "") await shoot(host, "review-reading");
});
