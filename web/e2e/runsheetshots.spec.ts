// Pictures of the run-sheet in its states, as shots.spec.ts takes them of the
// other pages.

import { mkdirSync } from "node:fs";

import { folder, shoot } from "./shoot";
import { expect, hangUp, meet, plan, test } from "./world";

test.skip(folder === "", "pictures are taken where BONAFIDE_SHOTS names a folder");

const long = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh, Maximiliana Alexandrina Konstantinopolitanska";

test("pictures of the run-sheet", async ({ host, candidate }) => {
  mkdirSync(folder, { recursive: true });
  await host.goto("/run-sheets");
  await expect(host.getByText("Standard run-sheet")).toBeVisible();
  await shoot(host, "runsheets");
  await host.goto("/run-sheets/new");
  await host.getByRole("button", { name: "Save" }).click();
  await expect(host.locator("[aria-invalid=true]").first()).toBeVisible();
  await shoot(host, "runsheet-new-errors");
  await host.goto("/run-sheets/default");
  await expect(host.getByRole("list", { name: "Cards" })).toBeVisible();
  await shoot(host, "runsheet-edit");
  await host.goto("/interviews/new");
  await expect(host.getByText("Standard run-sheet")).toBeVisible();
  await shoot(host, "runsheet-form");

  const planned = await plan(host, long);
  await meet(host, candidate, planned);
  const sheet = host.getByRole("region", { name: "Run-sheet" });
  const start = async (card: string) => {
    await sheet.locator(`[data-card="${card}"]`).getByRole("button", { name: /^Start/ }).click();
    const asks = host.getByRole("dialog");
    const on = sheet.locator(`[data-step="${card}-1"]`);
    await expect(asks.or(on).first()).toBeVisible();
    if (await asks.isVisible()) {
      await asks.getByLabel("Reason").selectOption("other");
      await asks.getByRole("button", { name: "Start" }).click();
    }
    await expect(on).toBeVisible();
  };
  await shoot(host, "runsheet-room", false);
  await start("show_id");
  await expect(candidate.getByLabel("Your own picture")).toBeVisible();
  await shoot(candidate, "runsheet-ask-id");
  await shoot(host, "runsheet-room-id", false);
  await sheet.getByRole("button", { name: /^Stop/ }).click();
  for (const card of ["turn_left", "look_up", "stand_back", "hand_across_face", "finger_on_cheek", "window_view", "spoken_code"]) {
    await start(card);
    await expect(candidate.getByRole("region", { name: "What you are asked to do" })).toBeVisible();
    await shoot(candidate, `runsheet-ask-${card}`);
    const stop = sheet.getByRole("button", { name: /^Stop/ });
    if (await stop.isVisible()) await stop.click();
    await expect(stop).toHaveCount(0);
  }
  await shoot(host, "runsheet-room-judging", false);
  await sheet.getByRole("button", { name: "Add a card" }).click();
  await shoot(host, "runsheet-add", false);
  await host.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  const doc = sheet.locator('[data-card="show_id"]');
  await doc.getByRole("textbox").fill(`The portrait is too small to say. ${long}`);
  await doc.getByRole("button", { name: "Unsure" }).click();
  await hangUp(host, planned.id);
  await host.goto(`/interviews/${planned.id}/review`);
  await host.getByRole("tab", { name: /^Run-sheet/ }).click();
  await host.locator('[data-step="show_id-1"]').getByRole("button").first().click();
  await shoot(host, "runsheet-review");
});
