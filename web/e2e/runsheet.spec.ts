// A short run-sheet on real browsers: the order is drawn before the call, a
// card is started, the candidate sees what to do and says that another cannot
// be done, the interviewer judges, and the review shows all of it.

import type { Page } from "@playwright/test";

import { addAccount, expect, hangUp, meet, plan, test } from "./world";

test("a short run-sheet", async ({ host, candidate }) => {
  await template(host);
  const planned = await plan(host, "Noor Haddad", "Harbour pilot");
  await meet(host, candidate, planned);
  const sheet = host.getByRole("region", { name: "Run-sheet" });
  const cards = sheet.getByRole("list", { name: "Cards" }).locator("[data-card]");
  await expect(cards).toHaveCount(3);
  const order = await cards.evaluateAll((all) => all.map((e) => e.getAttribute("data-card") ?? ""));
  expect([...order].sort()).toEqual(["look_up", "question", "show_id"]);
  const asked = candidate.getByRole("region", { name: "What you are asked to do" });

  for (const card of order) {
    const row = sheet.locator(`[data-card="${card}"]`);
    await expect(row).toHaveAttribute("data-next", "true");
    await host.keyboard.press("s");
    const on = sheet.getByRole("group", { name: "Card that is on" });
    await expect(on).toHaveAttribute("data-step", `${card}-1`);
    switch (card) {
      case "look_up":
        await expect(asked.getByRole("heading")).toHaveText("Please look up");
        await expect(asked.getByRole("timer", { name: "Time left" })).toHaveText(/^\d+ s$/);
        await asked.getByRole("button", { name: "I can’t do this" }).click();
        await asked.getByRole("textbox").fill("My neck is stiff.");
        await asked.getByRole("button", { name: "Send" }).click();
        await expect(row).toContainText("My neck is stiff.");
        await expect(row).toContainText("cannot comply");
        await row.getByRole("button", { name: "Unsure" }).click();
        break;
      case "show_id":
        await expect(asked.getByRole("heading")).toHaveText("Please show your ID");
        await expect(asked.getByLabel("Your own picture")).toBeVisible();
        await survivesReload(candidate, host, on);
        await on.getByRole("button", { name: /^Stop/ }).click();
        await expect(row).toContainText("it does not say whether the document is genuine");
        await row.getByRole("button", { name: "Matches", exact: true }).click();
        await expect(row).toContainText("Say in a few words"); // a document wants a note
        await row.getByRole("textbox").fill("Portrait and name compared with the passport.");
        await row.getByRole("button", { name: "Matches", exact: true }).click();
        break;
      default:
        await expect(row).toContainText("Which ferry did you take?");
        await on.getByRole("button", { name: /^Stop/ }).click();
        await row.getByRole("button", { name: "Done", exact: true }).click();
    }
    await expect(row).toHaveAttribute("data-state", "done");
    await expect(asked).toHaveCount(0);
  }
  await expect(candidate.getByText("Which ferry did you take?")).toHaveCount(0);

  // A repeat is a departure, and wants a reason.
  const id = sheet.locator('[data-card="look_up"]');
  await id.getByRole("button", { name: /^More about/ }).click();
  await host.getByRole("menuitem", { name: "Repeat" }).click();
  await host.getByRole("dialog").getByRole("button", { name: "Start" }).click();
  await expect(host.getByRole("dialog")).toContainText("Choose a reason.");
  await host.getByRole("dialog").getByLabel("Reason").selectOption("unclear_result");
  await host.getByRole("dialog").getByRole("button", { name: "Start" }).click();
  await expect(asked.getByRole("heading")).toHaveText("Please look up");
  await sheet.getByRole("button", { name: /^Stop/ }).click();
  await expect(asked).toHaveCount(0);

  const data = await hangUp(host, planned.id);
  expect(data.run_sheet.cards?.map((c) => c.card)).toEqual(order);
  expect(data.run_sheet.steps?.map((s) => s.step)).toEqual([...order.map((c) => `${c}-1`), "look_up-2"]);
  for (const step of data.run_sheet.steps ?? []) expect(step.result, `${step.step} has a result`).toBeDefined();
  const log = await (await host.request.get(`/api/interviews/${planned.id}/log?limit=500`)).json() as { entries: { entry: { kind: string } }[] };
  const kinds = log.entries.map(({ entry }) => entry.kind);
  expect(kinds.indexOf("cards.drawn"), "drawn before the call").toBeLessThan(kinds.indexOf("interview.started"));
  expect(kinds.indexOf("cards.drawn")).toBeGreaterThan(-1);
  await reviewed(host, planned.id);
});

/** A run-sheet of three cards for one role. */
async function template(host: Page): Promise<void> {
  await host.goto("/run-sheets");
  await host.getByRole("link", { name: "New run-sheet" }).click();
  await host.getByRole("textbox", { name: "Name" }).fill("Pilots");
  await host.getByLabel("Roles").first().fill("harbour PILOT");
  await host.keyboard.press("Enter");
  await host.getByRole("button", { name: "Add a card" }).click();
  for (const kind of ["Show ID", "Look up", "Question"]) await host.getByRole("menuitem", { name: kind }).click();
  await host.keyboard.press("Escape");
  await host.getByRole("button", { name: "Save" }).click();
  await expect(host.getByRole("alert")).toContainText("Write the question");
  await host.getByRole("textbox", { name: "Question", exact: true }).fill("Which ferry did you take?");
  await host.getByRole("button", { name: "Save" }).click();
  await expect(host.getByText("Pilots", { exact: true })).toBeVisible();
}

/** A reload of either page in the middle of a step goes on with it. */
async function survivesReload(candidate: Page, host: Page, on: ReturnType<Page["locator"]>): Promise<void> {
  await candidate.reload();
  await expect(candidate.getByRole("region", { name: "What you are asked to do" }).getByRole("heading")).toHaveText("Please show your ID");
  await host.reload();
  await expect(on).toHaveAttribute("data-step", "show_id-1");
}

async function reviewed(host: Page, id: string): Promise<void> {
  await host.goto(`/interviews/${id}/review`);
  await host.getByRole("tab", { name: "Run-sheet (4)" }).click();
  const sheet = host.getByRole("region", { name: "Run-sheet" });
  await expect(sheet.getByRole("list", { name: "Departures" })).toContainText("Repeated: Look up (the result was unclear)");
  const doc = sheet.locator('[data-step="show_id-1"]');
  await expect(doc).toHaveAttribute("data-verdict", "matches");
  await doc.getByRole("button").first().click();
  await expect(doc).toContainText("it does not say whether the document is genuine");
  await expect(doc).toContainText("Portrait and name compared with the passport.");
  const player = host.getByRole("region", { name: "Player" });
  const at = async (): Promise<number> => Number(await player.getAttribute("data-time-ms"));
  const from = Math.max(0, Number(await doc.getAttribute("data-start-ms")) - 5_000);
  await doc.getByRole("button", { name: /^Play with/ }).click();
  await expect.poll(at, { message: "plays from five seconds before" }).toBeGreaterThan(from + 200);
  expect(await at()).toBeLessThan(from + 8_000);
  await host.keyboard.press("Space");
  // A verdict that was not given in the room can be given here.
  const again = sheet.locator('[data-step="look_up-2"]');
  await again.getByRole("button").first().click();
  await again.getByRole("button", { name: "Not done", exact: true }).click();
  await expect(again).toHaveAttribute("data-verdict", "not_done");
}

test("run-sheets are edited by administrators", async ({ host, open }) => {
  await addAccount(host, { name: "Amara Okafor", email: "amara-runsheet@example.org", password: "a long enough password", roles: ["interviewer"], active: true });
  const { page } = await open("host");
  await page.request.post("/api/session", { data: { email: "amara-runsheet@example.org", password: "a long enough password" } });
  await page.goto("/run-sheets");
  await expect(page.getByText("Your account may not edit run-sheets")).toBeVisible();
  await page.goto("/interviews/new");
  await page.getByRole("combobox", { name: "Claimed place" }).fill("Lisb");
  await page.getByRole("option", { name: "Lisbon, Portugal" }).click();
  await expect(page.getByRole("combobox", { name: "Claimed time zone" })).toHaveValue("Europe/Lisbon");
  await expect(page.getByText("Standard run-sheet")).toBeVisible();
});
