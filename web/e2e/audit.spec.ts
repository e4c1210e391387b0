// A record's later life: an auditor finds it, sees who saw it, verifies it and
// takes it along; an administrator holds it and deletes of it; the candidate
// reads what is kept, answers, and asks for deletion.

import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "@playwright/test";

import { seesPicture } from "./steps";
import { folder, shoot } from "./shoot";
import { unzip } from "./unzip";
import { addAccount, expect, hangUp, meet, plan, review, signIn, test, type Planned } from "./world";

const name = "Quirina Zabłocka";
const clipboard = "Copy, paste or print screen in the page";
const auditor = { name: "Ada Auditor", email: "ada-audit@example.org", password: "reads everything twice" };

/** look takes pictures of a page where a folder for them is named. */
async function look(page: Page, picture: string): Promise<void> {
  if (folder !== "") await shoot(page, `audit-${picture}`);
}

test("a record is found, held, taken along, deleted of, and answered", async ({ host, candidate, open }, info) => {
  const planned = await interviewed(host, candidate);
  await addAccount(host, { ...auditor, roles: ["auditor"] });
  const { page } = await open();
  await signIn(page, auditor);
  const record = `/interviews/${planned.id}`;

  await test.step("the auditor finds it, watches it and verifies", async () => {
    await finds(page, planned);
    await watches(page, record);
    await page.goto("/records");
    await page.getByRole("button", { name: "Verify now" }).click();
    await expect(page.getByText("Everything is as it was logged")).toBeVisible();
    await expect(page.locator(`[data-record="${planned.id}"]`).first()).toContainText("As logged");
  });
  await test.step("nothing is deleted of a record on hold", () => held(host, page, record));

  const { context, page: offline } = await open();
  const verifier = await saved(page, record, "Get the verifier", info.outputPath("verify.html"));
  const whole = await saved(page, record, "Export record", info.outputPath("whole.zip"));
  await context.setOffline(true);
  await test.step("the exported record reads and plays offline, and holds", async () => {
    unzip(whole, info.outputPath("whole"));
    await reads(offline, info.outputPath("whole"));
    await holds(offline, verifier, whole);
    await look(offline, "verifier");
  });
  await test.step("the recordings are deleted, and the record still holds", async () => {
    await deletesRecordings(host, record);
    const rest = await saved(page, record, "Export record", info.outputPath("rest.zip"));
    const names = unzip(rest, info.outputPath("rest"));
    expect(names.filter((file) => file.endsWith(".webm")), "recordings in the second export").toEqual([]);
    await holds(offline, verifier, rest);
    await expect(offline.getByText(/\.webm, the recording of entry \d+, was deleted on .* because an administrator decided so/).first()).toBeVisible();
    await look(offline, "verifier-deleted");
    await offline.goto(pathToFileURL(join(info.outputPath("rest"), "report.html")).href);
    await expect(offline.getByText(/^Recordings: .*because an administrator decided so, by Ines Duarte .*The candidate moved abroad/)).toBeVisible();
    await look(offline, "report-deleted");
  });
  await test.step("the candidate answers and asks for deletion", () => answers(candidate, planned));
  await test.step("an administrator sees the request with its clock, and fulfils it", () => fulfils(host, candidate, planned));
});

/** An interview with a note and a finding. */
async function interviewed(host: Page, candidate: Page): Promise<Planned> {
  const planned = await plan(host, name, "Auditing engineer");
  await meet(host, candidate, planned);
  await seesPicture(host, name);
  await candidate.evaluate(() => document.dispatchEvent(new ClipboardEvent("copy", { bubbles: true })));
  await host.keyboard.press("n");
  await host.getByLabel(/^Note at/).fill("Tells of the lighthouse ledger without notes.");
  await host.getByRole("button", { name: "Save note" }).click();
  await expect.poll(async () => (await review(host, planned.id)).findings?.some((f) => f.kind === "client.clipboard"), { message: "the finding is logged" }).toBe(true);
  await hangUp(host, planned.id);
  return planned;
}

async function finds(page: Page, planned: Planned): Promise<void> {
  await page.goto("/records");
  await page.getByLabel("Candidate", { exact: true }).fill("quirina");
  await page.getByRole("combobox", { name: "Finding" }).fill("copy");
  await page.getByRole("option", { name: clipboard }).click();
  await page.getByLabel("Notes and decisions").fill("lighthouse");
  await expect(page).toHaveURL(/person=quirina.*text=lighthouse/);
  await expect(page.getByText(/^1 record$/)).toBeVisible();
  const found = page.locator(`[data-record="${planned.id}"]`).first();
  await expect(found.getByRole("list", { name: "Texts found" })).toContainText("lighthouse ledger");
  await look(page, "found");
  await page.getByLabel("Notes and decisions").fill("submarine");
  await expect(page.getByText("No record fits")).toBeVisible();
  await page.getByLabel("Notes and decisions").fill("lighthouse");
  await found.getByRole("link", { name: planned.name }).click();
  await expect(page.getByRole("heading", { name: planned.name })).toBeVisible();
}

/** Plays a little, and finds it in the access history, to the second. */
async function watches(page: Page, record: string): Promise<void> {
  await page.goto(`${record}/review`);
  const player = page.getByRole("region", { name: "Player" });
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expect.poll(async () => Number(await player.getAttribute("data-time-ms")), { message: "the review plays" }).toBeGreaterThan(1_500);
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(async () => {
    await page.goto(record);
    await expect(page.getByRole("list", { name: "Played in all" })).toContainText(/Ada Auditor played 0:00 to 0:0\d/, { timeout: 2_000 });
  }).toPass({ timeout: 15_000 });
  await expect(page.getByRole("list", { name: "Visits" }).getByText("Ada Auditor (auditor): opened the review")).toBeVisible();
  await look(page, "record");
}

async function held(host: Page, reader: Page, record: string): Promise<void> {
  await host.goto(record);
  await host.getByRole("button", { name: "Place hold" }).click();
  await host.getByLabel("Reason").fill("Case 12/2026 before the labour court.");
  await host.getByRole("dialog").getByRole("button", { name: "Place hold" }).click();
  const card = host.getByRole("region", { name: "Retention" });
  await expect(card.getByText("On legal hold", { exact: true })).toBeVisible();
  await expect(card.getByRole("button", { name: "Delete parts" })).toBeDisabled();
  await look(host, "held");
  const refused = await host.request.post(`/api${record}/deletions`, { data: { parts: ["recording"], reason: "a try", confirm: name } });
  expect(refused.status()).toBe(409);
  expect(await refused.text()).toContain("on legal hold");

  await reader.goto("/records?hold=held");
  await expect(reader.getByRole("link", { name }).first()).toBeVisible();
  await reader.goto(record);
  const seen = reader.getByRole("region", { name: "Retention" });
  await expect(seen.getByText("Case 12/2026 before the labour court.")).toBeVisible();
  await expect(seen.getByRole("button", { name: /Release|Delete|Place/ }), "an auditor changes nothing").toHaveCount(0);
}

async function saved(page: Page, record: string, link: string, file: string): Promise<string> {
  await page.goto(record);
  const started = page.waitForEvent("download");
  await page.getByRole("link", { name: link }).click();
  copyFileSync(await (await started).path(), file);
  return file;
}

/** The report of an unpacked record shows findings and plays recordings. */
async function reads(page: Page, unpacked: string): Promise<void> {
  await page.goto(pathToFileURL(join(unpacked, "report.html")).href);
  await expect(page.getByText(`${name}, for Auditing engineer`)).toBeVisible();
  const finding = page.locator(".finding").filter({ hasText: clipboard });
  await expect(finding.first()).toBeVisible();
  await expect(page.getByText("Tells of the lighthouse ledger without notes.")).toBeVisible();
  await look(page, "report");
  const video = page.locator("video").first();
  await finding.first().getByRole("button").first().click();
  await video.evaluate((v: HTMLVideoElement) => v.play());
  const frames = (): Promise<number> => video.evaluate((v: HTMLVideoElement) => v.getVideoPlaybackQuality().totalVideoFrames);
  await expect.poll(frames, { message: "the recording plays from a file" }).toBeGreaterThan(5);
}

async function holds(page: Page, verifier: string, record: string): Promise<void> {
  await page.goto(pathToFileURL(verifier).href);
  await page.getByLabel("Record (zip file)").setInputFiles(record);
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await expect(page.getByText("This record holds")).toBeVisible();
}

async function deletesRecordings(host: Page, record: string): Promise<void> {
  await host.goto(record);
  const card = host.getByRole("region", { name: "Retention" });
  await card.getByRole("button", { name: "Release" }).click();
  await host.getByLabel("Reason").fill("The case was settled.");
  await host.getByRole("dialog").getByRole("button", { name: "Release" }).click();
  await card.getByRole("button", { name: "Delete parts" }).click();
  const dialog = host.getByRole("dialog");
  await dialog.getByLabel("Recordings").check();
  await dialog.getByLabel("Reason").fill("The candidate moved abroad and the case is settled.");
  await expect(dialog.getByRole("button", { name: "Delete for good" }), "the name is not typed yet").toBeDisabled();
  await dialog.getByLabel(/^Type/).fill(name);
  await look(host, "delete");
  await dialog.getByRole("button", { name: "Delete for good" }).click();
  await expect(card.getByText(/^Deleted .*, by an administrator: entry \d+ of the log\.$/)).toBeVisible();
  await look(host, "deleted");
}

async function answers(candidate: Page, planned: Planned): Promise<void> {
  await candidate.goto(planned.link.replace("/join#", "/record#"));
  await expect(candidate.getByRole("heading", { name: "What is kept of your interview" })).toBeVisible();
  await expect(candidate.locator('[data-part="recording"]')).toContainText("Deleted on");
  await expect(candidate.getByRole("list", { name: "Who looked at it" })).toContainText("An auditor exported the whole record");
  await expect(candidate.getByText("Ada Auditor"), "people are named by their role").toHaveCount(0);
  await candidate.getByLabel("About the interview as a whole").fill("I copied the dial-in number of the interview.");
  await candidate.getByRole("button", { name: "Send" }).click();
  await expect(candidate.getByText(/^You, .*: I copied the dial-in number of the interview\.$/)).toBeVisible();
  await candidate.getByRole("checkbox", { name: "Notes and names" }).check();
  await candidate.getByLabel("A word to it, if you like").fill("I found another position.");
  await look(candidate, "candidate");
  await candidate.getByRole("button", { name: "Ask for deletion" }).click();
  await expect(candidate.getByText(/^Notes and names\. To be answered by/)).toBeVisible();
  await look(candidate, "candidate-asked");
}

async function fulfils(host: Page, candidate: Page, planned: Planned): Promise<void> {
  await host.goto("/retention");
  const requests = host.getByRole("region", { name: "Requests for deletion" });
  await expect(requests).toContainText("I found another position.");
  await expect(requests).toContainText(/Asked .*, to be answered by/);
  await look(host, "retention");
  await requests.getByRole("button", { name: "Answer" }).click();
  await host.getByLabel("Delete what was asked for").check();
  await host.getByLabel("Words to the candidate").fill("All the best for your new work.");
  await look(host, "answer");
  await host.getByRole("button", { name: "Delete for good" }).click();
  await expect(requests).toContainText(/fulfilled .* by Ines Duarte/);

  await host.goto(`/interviews/${planned.id}`);
  const card = host.getByRole("region", { name: "Retention" });
  await expect(card.getByText(/on the candidate's request: entry/)).toBeVisible();
  await expect(card.getByText(/^1 reason for holding or deleting stays with the log/), "the answer is no text that still exists").toBeVisible();
  await expect(host.getByText(name)).toHaveCount(0);
  await look(host, "all-deleted");
  await candidate.reload();
  await expect(candidate.locator('[data-part="text"]')).toContainText("Deleted on");
  await expect(candidate.getByText("All the best for your new work.")).toBeVisible();
  await look(candidate, "candidate-answered");
}
