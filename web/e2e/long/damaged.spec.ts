// A recording of which a picture is damaged: Chromium stops at it for good,
// the review goes on behind it, and says what it could not show.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Segment } from "../../src/gen/evidence";
import { make } from "../media";
import { folder, shoot } from "../shoot";
import { tear } from "../webm";
import { expect, plan, review, sql, test } from "../world";

const seconds = 10;
const damagedAt = 2; // seconds; with a key frame every four, pictures come again at 4 s

/** A recording as it was made before damaged pictures were left out of files. */
function recording(name: string): string {
  return make(name, [
    "-f", "lavfi", "-i", `testsrc2=s=320x240:r=15:d=${seconds}`, "-f", "lavfi", "-i", `sine=frequency=440:sample_rate=48000:duration=${seconds}`,
    "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k", "-g", "60", "-keyint_min", "60", "-c:a", "libopus", "-f", "webm",
  ]);
}

test("the review plays on behind a damaged picture", async ({ host, world }) => {
  const planned = await plan(host, "Tomás Ferreira");
  const whole = readFileSync(recording("recorded.webm"));
  const files = { candidate: tear(whole, 1, damagedAt * 15 + 1), interviewer: whole };
  mkdirSync(join(world.server.data, "media", planned.id), { recursive: true });
  const began = Date.now() - 3_600_000;
  sql(world.server, `UPDATE interviews SET state = 'ended', started_ms = ${began}, ended_ms = ${began + seconds * 1000} WHERE id = '${planned.id}'`);
  const { interview } = await review(host, planned.id);
  sql(world.server, `INSERT INTO participants (id, interview, user, name, role, created_ms)
    SELECT 'host-of-' || id, id, created_by, 'Ines Duarte', 'interviewer', created_ms FROM interviews WHERE id = '${planned.id}'`);
  const people = { candidate: interview.candidate, interviewer: `host-of-${planned.id}` };
  for (const role of ["candidate", "interviewer"] as const) {
    const file = `${planned.id}/${role}.webm`;
    writeFileSync(join(world.server.data, "media", file), files[role]);
    const segment: Segment = {
      interview: planned.id, participant: people[role], stream: "camera", n: 1, file, start_ms: 0, end_ms: seconds * 1000,
      bytes: files[role].length, sha256: createHash("sha256").update(files[role]).digest("hex"), has_video: true, has_audio: true,
    };
    sql(world.server, `INSERT INTO segments (interview, participant, stream, n, file, start_ms, end_ms, seq, payload)
      VALUES ('${planned.id}', '${people[role]}', 'camera', 1, '${file}', 0, ${segment.end_ms}, 1, '${JSON.stringify(segment)}')`);
  }

  await host.goto(`/interviews/${planned.id}/review`);
  const player = host.getByRole("region", { name: "Player" });
  const tile = player.locator('[data-role="candidate"]');
  const at = async (): Promise<number> => Number(await player.getAttribute("data-time-ms"));
  await expect(tile).toHaveAttribute("data-state", "ready");
  await host.getByRole("button", { name: "Play", exact: true }).click();
  await expect(player.getByText(/^Of the recording of Tomás Ferreira, 1 part could not be shown, \d\.\d s in all: 0:0[0-2] to 0:0[4-6]/)).toBeVisible({ timeout: 20_000 });
  await expect.poll(at, { message: "both play on", timeout: 20_000 }).toBeGreaterThan(6_500);
  await host.getByRole("button", { name: "Pause", exact: true }).click();
  const pictures = player.locator("video");
  const positions = (): Promise<number[]> => pictures.evaluateAll((all: HTMLVideoElement[]) => all.map((v) => v.currentTime));
  await expect(tile, "plays again behind it").toHaveAttribute("data-state", "ready");
  // Paused, both stand where the clock does.
  await expect.poll(async () => Math.abs(((await positions())[0] ?? 0) - ((await positions())[1] ?? 99)), { message: "both at one place" }).toBeLessThan(0.1);
  expect((await positions())[0]).toBeGreaterThan(6);
  // Back into what could not be shown: it is known by now, and said in its place.
  const bar = host.getByRole("img", { name: /^Tomás Ferreira: not decoded, so not shown/ });
  await bar.click();
  await expect(tile, "the damaged part").toHaveAttribute("data-state", "damaged");
  await expect(player.getByText("This part could not be decoded")).toBeVisible();
  if (folder !== "") await shoot(host, "review-damaged");
});
