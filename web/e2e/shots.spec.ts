// Pictures of every page in its states, light and dark, on a desk and on a
// phone, for people to look at. Only where BONAFIDE_SHOTS names a folder.

import { mkdirSync } from "node:fs";
import type { Page } from "@playwright/test";

import { expect, setUp, startServer, test, type Server } from "./app";
import { candidateCamera, interviewerCamera, voice } from "./media";
import { folder, shoot } from "./shoot";
import { consent, createInterview, createLink, enterFrom, seesPicture } from "./steps";

const host = { camera: interviewerCamera, microphone: () => voice("interviewer") };
const guest = { camera: candidateCamera, microphone: () => voice("candidate") };

test.skip(folder === "", "pictures are taken where BONAFIDE_SHOTS names a folder");

async function plans(page: Page, server: Server): Promise<void> {
  const me = (await (await page.request.get(`${server.url}/api/session`)).json()) as { user: { id: string } };
  const long = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh, Maximiliana Alexandrina Konstantinopolitanska";
  for (const [n, name] of [long, "Noor Haddad", "李 小龍", "Pavel Sedlák", "Ana"].entries()) {
    await page.request.post(`${server.url}/api/interviews`, {
      data: {
        candidate_name: name, role: n === 0 ? "Senior principal staff engineer for payment reconciliation and settlement platforms" : "Data engineer",
        scheduled_ms: Date.now() + n * 86_400_000, place: "Lisbon, Portugal", time_zone: "Europe/Lisbon", interviewers: [me.user.id], kinds_off: [],
      },
    });
  }
  for (const [name, email, roles] of [["Amara Okafor", "amara@example.org", ["reviewer"]], [long, `${"long".repeat(14)}@example.org`, ["interviewer", "reviewer", "auditor"]]] as const) {
    await page.request.post(`${server.url}/api/users`, { data: { name, email, roles, password: "a long enough password" } });
  }
}

async function office(page: Page, server: Server): Promise<void> {
  await page.goto(server.url);
  await expect(page.getByLabel("Set-up token")).toBeVisible();
  await shoot(page, "setup");
  await page.getByLabel("Set-up token").fill("not-the-token");
  await page.getByLabel("Your name").fill("Ines Duarte");
  await page.getByLabel("Email").fill("ines@example.org");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.locator("[aria-invalid=true]").first()).toBeVisible();
  await shoot(page, "setup-errors");
  await setUp(page, server);
  await shoot(page, "interviews-empty");
  await page.getByRole("link", { name: "New interview" }).first().click();
  await expect(page.getByRole("group", { name: "Measurements" })).toBeVisible();
  await page.getByRole("button", { name: "Create interview" }).click();
  await expect(page.locator("[aria-invalid=true]").first()).toBeVisible();
  await shoot(page, "form-errors");
  await plans(page, server);
  await page.goto(server.url);
  await expect(page.getByText("Noor Haddad").first()).toBeAttached();
  await shoot(page, "interviews");
  await page.getByPlaceholder("Candidate or role").fill("nobody at all");
  await expect(page.getByText("No interview matches")).toBeVisible();
  await shoot(page, "interviews-none");
  await page.goto(`${server.url}/users`);
  await expect(page.getByText("Amara Okafor")).toBeVisible();
  await shoot(page, "accounts");
  await page.getByRole("button", { name: "Change Amara Okafor" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await shoot(page, "account-dialog", false);
  await page.goto(`${server.url}/nowhere/at/all`);
  await shoot(page, "not-found");
}

async function outside(page: Page, server: Server): Promise<void> {
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("Email").fill("ines@example.org");
  await page.getByLabel("Password", { exact: true }).fill("wrong but long enough");
  await shoot(page, "sign-in");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await shoot(page, "sign-in-refused");
  await page.goto(`${server.url}/join`);
  await expect(page.getByText("This link is not complete")).toBeVisible();
  await shoot(page, "join-incomplete");
  await page.goto(`${server.url}/sign-in`);
  await page.goto(`${server.url}/join#nothing-of-ours`);
  await expect(page.getByRole("alert")).toBeVisible();
  await shoot(page, "join-unknown");
}

async function lobbies(page: Page, candidate: Page, link: string): Promise<void> {
  await candidate.goto(link);
  await expect(candidate.getByRole("heading", { name: /welcome/ })).toBeVisible();
  await shoot(candidate, "lobby-first");
  await consent(candidate, /Gaze/);
  await candidate.getByRole("button", { name: /turn on/i }).click();
  await expect(candidate.getByRole("button", { name: "Continue" })).toBeEnabled();
  await shoot(candidate, "lobby-ready");
  await enterFrom(candidate, "Continue");
  await expect(candidate.getByRole("heading", { name: "Waiting room" })).toBeVisible();
  await shoot(candidate, "waiting");

  await page.getByRole("link", { name: "Enter room" }).click();
  await consent(page);
  await shoot(page, "room-lobby");
  await enterFrom(page, "Enter room");
  await expect(page.getByRole("button", { name: "Admit", exact: true }).first()).toBeVisible();
  await shoot(page, "room-waiting", false);
  await page.getByRole("button", { name: "Admit", exact: true }).first().click();
}

async function room(page: Page, candidate: Page): Promise<void> {
  await seesPicture(page, "Tomás Ferreira");
  await shoot(candidate, "call-candidate");
  for (const key of ["q", "a", "n"]) await page.keyboard.press(key);
  await page.getByLabel(/^Note at/).fill("Looks at the ceiling when asked about the ledger; asked again, answered at once.");
  await shoot(page, "room-note", false);
  await page.getByRole("button", { name: "Save note" }).click();
  await page.getByRole("tab", { name: /^Notes/ }).click();
  await shoot(page, "room-notes");
  await page.getByRole("tab", { name: /^People/ }).click();
  await shoot(page, "room-people");
  await page.getByRole("tab", { name: /^Findings/ }).click();
  await expect(page.locator('[data-kind="face.multiple"]').getByRole("listitem").first()).toBeVisible({ timeout: 60_000 });
  await shoot(page, "room-findings");
  await page.getByRole("button", { name: /^Choose/ }).click();
  await shoot(page, "room-choose", false);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Devices" }).click();
  await shoot(page, "room-devices", false);
  await page.keyboard.press("Escape");
  await candidate.getByRole("button", { name: "Consents" }).click();
  await expect(candidate.getByRole("dialog")).toBeVisible();
  await shoot(candidate, "call-consents", false);
  await candidate.getByRole("button", { name: "Done" }).click();
  await candidate.getByRole("button", { name: "Share screen" }).click();
  await seesPicture(page, "Tomás Ferreira: screen");
  await candidate.getByRole("button", { name: "Stop camera" }).click();
  await shoot(page, "room-screen");
  await shoot(candidate, "call-screen");
  await page.getByRole("button", { name: "Hang up" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await shoot(page, "room-hangup", false);
  await page.getByRole("dialog").getByRole("button", { name: "End interview" }).click();
  await expect(candidate.getByText(/interview has ended/).first()).toBeVisible();
  await shoot(page, "ended-interviewer");
  await shoot(candidate, "ended-candidate");
}

test("pictures of every page", async ({ data, open, errors }) => {
  test.setTimeout(900_000);
  mkdirSync(folder, { recursive: true });
  const server = await startServer(data, "--operator", "Example Ltd");
  const { page } = await open({ camera: host.camera(), microphone: host.microphone() });
  const { page: candidate } = await open({ camera: guest.camera(), microphone: guest.microphone() });
  await office(page, server);
  expect(errors.splice(0).every((e) => e.includes("status of 400")), "only the forms that were filled in wrong were refused").toBe(true);
  await outside(candidate, server);

  await page.goto(server.url);
  const path = await createInterview(page);
  await shoot(page, "interview-new");
  const link = await createLink(page);
  await shoot(page, "interview-link");
  await lobbies(page, candidate, link);
  await room(page, candidate);

  await page.goto(`${server.url}${path}/review`);
  await expect(page.getByRole("region", { name: "Player" })).toBeVisible();
  await expect(page.getByText("The recordings are being finished")).toHaveCount(0);
  await shoot(page, "review");
  await page.keyboard.press("j");
  await expect(page.getByRole("img", { name: /still/ }).first()).toBeVisible();
  await shoot(page, "review-finding");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
  await shoot(page, "review-help", false);
  await page.goto(`${server.url}${path}`);
  await expect(page.getByRole("heading", { name: "People" })).toBeVisible();
  await shoot(page, "interview-ended");
  await server.stop();
});
