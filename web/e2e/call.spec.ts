// A call in which everything is switched, refused, shared and withdrawn once,
// and what each side, the log and the review say of it.

import type { Page } from "@playwright/test";

import { addAccount, expect, hangUp, meet, plan, review, signIn, test } from "./world";
import { seesPicture } from "./steps";

const name = "Tomás Ferreira";
const staffOnly = ["finding", "coverage", "annotated", "questioned"];

test("what people switch in a call is shown, kept and obeyed", async ({ host, candidate, open }) => {
  const planned = await plan(host, name);
  const received = new Set<string>();
  candidate.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => {
    received.add((JSON.parse(String(payload)) as { type: string }).type);
  }));
  await meet(host, candidate, planned, /Face/);
  await seesPicture(host, name);
  const row = (kind: string) => host.locator(`[data-kind="${kind}"]`);

  await test.step("a refused consent: not run, and so is said", async () => {
    for (const kind of ["face.absent", "face.multiple", "face.too_small"]) await expect(row(kind)).toContainText("Not run: no consent");
    await expect(row("camera.off")).toContainText("Measured");
    await tab(host, "People");
    await expect(host.getByRole("list", { name: `Consents of ${name}` })).toContainText("Face: not agreed");
  });

  await test.step("a muted microphone is shown to the other side", async () => {
    const off = host.getByRole("region", { name, exact: true }).getByRole("img", { name: "Microphone off" });
    await candidate.getByRole("button", { name: "Mute microphone" }).click();
    await expect(off).toBeVisible();
    await candidate.getByRole("button", { name: "Unmute microphone" }).click();
    await expect(off).toHaveCount(0);
  });

  await test.step("a shared screen appears and goes", async () => {
    await candidate.getByRole("button", { name: "Share screen" }).click();
    await expect(candidate.getByRole("region", { name: "Your screen, as you share it" })).toBeVisible();
    await seesPicture(host, `${name}: screen`);
    await candidate.getByRole("button", { name: "Stop sharing" }).click();
    await expect(host.getByRole("region", { name: `${name}: screen` })).toHaveCount(0);
  });

  await test.step("a camera that is switched off is a finding while it lasts", async () => {
    await tab(host, "Findings");
    await candidate.getByRole("button", { name: "Stop camera" }).click();
    await expect(row("camera.off").getByRole("listitem").first()).toContainText("since");
    await candidate.getByRole("button", { name: "Start camera" }).click();
    await seesPicture(host, name);
    await expect(row("camera.off").getByRole("listitem").first()).not.toContainText("since");
  });

  await test.step("a kind that is hidden is hidden here alone, and shown again", async () => {
    await host.getByRole("button", { name: "Hide: Camera off" }).click();
    await expect(row("camera.off").getByRole("listitem")).toHaveCount(0);
    await expect(host.getByText("You hide 1 kind here. They are still measured and logged.")).toBeVisible();
    await expect.poll(async () => (await review(host, planned.id)).findings?.filter((f) => f.kind === "camera.off").length).toBe(1);
    expect((await review(host, planned.id)).interview.kinds_off ?? [], "it goes on being measured").toEqual([]);
    await host.getByRole("button", { name: "Show again: Camera off" }).click();
    await expect(row("camera.off").getByRole("listitem")).toHaveCount(1);
  });

  await test.step("a measurement that is switched off is not run", async () => {
    await expect(row("media.frozen")).toContainText("Measured");
    await host.getByRole("button", { name: /^Choose/ }).click();
    await host.getByRole("menu").getByRole("checkbox", { name: /frozen/i }).uncheck();
    await host.keyboard.press("Escape");
    await expect(row("media.frozen")).toContainText("Not run: switched off for this interview");
  });

  await test.step("a withdrawn consent stops the recording", async () => {
    await expect(candidate.getByLabel("Recording state: Recording").first()).toBeVisible();
    await candidate.getByRole("button", { name: "Consents" }).click();
    await candidate.getByRole("dialog").getByRole("switch", { name: /^Recording/ }).uncheck();
    await candidate.getByRole("dialog").getByRole("button", { name: "Done" }).click();
    for (const page of [candidate, host]) await expect(page.getByLabel("Recording state: Not recorded: no consent").first()).toBeVisible();
    await seesPicture(host, name);
    const withdrawn = Date.now();
    await expect.poll(() => Date.now(), { message: "the call goes on without a recording of the candidate" }).toBeGreaterThan(withdrawn + 2_000);
  });

  const ended = await hangUp(host, planned.id);
  expect([...received].sort(), "the candidate's page is told of the recording").toContain("recording");
  expect([...received].filter((type) => staffOnly.includes(type)), "and of no finding").toEqual([]);
  await kept(host, planned.id);
  // How evenly pictures and packets come is the machine's, and may be told as a fact.
  const kinds = (ended.findings ?? []).map((f) => f.kind).filter((kind) => !/^(stream|network)\./.test(kind));
  expect(kinds, "findings").toEqual(["camera.off"]);

  await test.step("a reviewer sees it as it was", async () => {
    const reviewer = { name: "Lea Brandt", email: "lea@example.org", password: "hiring managers read here" };
    await addAccount(host, { ...reviewer, roles: ["reviewer"] });
    const { page } = await open();
    await signIn(page, reviewer);
    await page.goto(`/interviews/${planned.id}/review`);
    await expect(page.getByLabel(`Screen: recording of ${name}`), "the screen is a file of its own").toBeAttached();
    await expect(page.locator('[role="listitem"][data-kind="camera.off"]')).toHaveCount(1);
    await page.getByRole("region", { name: "Timeline" }).getByRole("button", { name: "Face, 0 findings" }).click();
    await expect(page.getByRole("group", { name: "No face in view" }).locator('[data-coverage="not_run"][data-reason="no_consent"]').first()).toBeAttached();
    await expect(page.locator('[data-coverage="not_run"][data-reason="switched_off"]')).toHaveCount(1);
    await page.goto(`/interviews/${planned.id}`);
    await expect(page.getByRole("link", { name: "Export record" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Evidence log" }), "the log is not a reviewer's").toHaveCount(0);
    await page.goto(`/interviews/${planned.id}/log`);
    await expect(page.getByText("Your account may not read the evidence log")).toBeVisible();
  });

  await test.step("an auditor reads how it came about", async () => {
    const auditor = { name: "Aldo Ferri", email: "aldo@example.org", password: "auditors read everything" };
    await addAccount(host, { ...auditor, roles: ["auditor"] });
    const { page } = await open();
    await signIn(page, auditor);
    await page.goto(`/interviews/${planned.id}`);
    await page.getByRole("link", { name: "Evidence log" }).click();
    const lines = page.getByRole("table", { name: "Entries" }).getByRole("row");
    const line = (text: string) => lines.filter({ hasText: text });
    await expect(line(`Consent: ${name}, face: refused`)).toHaveCount(1);
    await expect(line(`Consent: ${name}, recording: withdrawn`)).toHaveCount(1);
    await expect(line(`Finding: ${name}, Camera off, `).first()).toContainText("The server");
    await expect(line("Interview planned").first()).toContainText("candidate name: Tomás Ferreira");
    await line("Log of the interview closed").last().getByText("Entry as written").click();
    await expect(line("Log of the interview closed").last()).toContainText('"kind": "interview.sealed"');
    const shown = await page.locator("[data-entry]").evaluateAll((all) => all.map((e) => Number(e.getAttribute("data-entry"))));
    expect(shown, "oldest first, none twice").toEqual([...new Set(shown)].sort((a, b) => a - b));

    await page.getByRole("navigation").getByRole("link", { name: "Server log" }).click();
    await expect(page.getByRole("heading", { name: "Server log" })).toBeVisible();
    await expect(line("Account added: Aldo Ferri, auditor").first()).toContainText("Ines Duarte");
    await expect(line("Sign-in: Aldo Ferri").first()).toContainText("address: ");
    await expect(line("Interview planned"), "entries of interviews are not here").toHaveCount(0);
  });
});

/** Opens a tab of the room's panel. */
async function tab(host: Page, label: string): Promise<void> {
  await host.getByRole("tab", { name: new RegExp(`^${label}`) }).click();
}

interface Line {
  entry: { kind: string; at_ms: number; payload: Record<string, unknown> };
}

/** The recording and the log agree with what was withdrawn, and when. */
async function kept(host: Page, id: string): Promise<void> {
  const { segments, participants, gaps } = await review(host, id);
  const page = (await (await host.request.get(`/api/interviews/${id}/log?limit=1000`)).json()) as { entries: Line[] };
  const withdrawn = page.entries.map(({ entry }) => entry).filter(({ payload }) => payload.consent === "recording" && payload.granted === false);
  expect(withdrawn.length, JSON.stringify(page.entries)).toBe(1);
  const at = withdrawn[0]?.at_ms ?? 0;
  const person = participants?.find((p) => p.role === "candidate")?.id;
  const own = (segments ?? []).filter((s) => s.participant === person && s.stream === "camera");
  const others = (segments ?? []).filter((s) => s.participant !== person && s.stream === "camera");
  expect(Math.max(...own.map((s) => s.end_ms)), `withdrawn at ${at}`).toBeLessThan(at + 500);
  expect(Math.max(...others.map((s) => s.end_ms)), "the interviewer's goes on").toBeGreaterThan(at + 1_000);
  // A camera takes a moment to send again after it was announced; it was off for longer.
  expect((gaps ?? []).filter((g) => g.end_ms - g.start_ms > 2_000), "what was switched off by hand is no gap").toEqual([]);
}
