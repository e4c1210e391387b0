// Pictures of the pages about kept records in their states: empty, with long
// names, and when the server cannot answer; as shots.spec.ts takes them of others.

import { mkdirSync } from "node:fs";
import type { Page } from "@playwright/test";

import { folder, shoot } from "./shoot";
import { addAccount, expect, plan, sql, test } from "./world";

test.skip(folder === "", "pictures are taken where BONAFIDE_SHOTS names a folder");

const long = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh, Maximiliana Alexandrina Konstantinopolitanska";

/** fails shows what a page says when an answer of the server's is missing. */
async function fails(page: Page, path: string, api: string, picture: string): Promise<void> {
  await page.route(api, (route) => route.fulfill({ status: 503, contentType: "application/json", body: '{"code":"internal","message":"The database does not answer."}' }));
  await page.goto(path);
  await expect(page.getByRole("button", { name: /again/i }).first()).toBeVisible({ timeout: 30_000 });
  await shoot(page, picture);
  await page.unroute(api);
}

test("pictures of the pages about kept records", async ({ host, candidate, world, errors }) => {
  test.setTimeout(240_000);
  mkdirSync(folder, { recursive: true });
  await host.goto("/records");
  await expect(host.getByText("No records yet")).toBeVisible();
  await shoot(host, "records-empty");
  await host.goto("/retention");
  await expect(host.getByText("Nobody has asked for anything to be deleted.")).toBeVisible();
  await shoot(host, "retention-empty");

  await addAccount(host, { name: long, email: `${"long".repeat(14)}@example.org`, password: "a long enough password", roles: ["auditor"] });
  const planned = await plan(host, long, "Senior principal staff engineer for payment reconciliation and settlement platforms");
  await plan(host, "Quirina Zabłocka");
  const now = Date.now();
  sql(world.server, `UPDATE interviews SET state = 'ended', started_ms = ${now - 1_800_000}, ended_ms = ${now} WHERE id = '${planned.id}'`);
  const post = async (path: string, data: object): Promise<void> => {
    const done = await host.request.post(`/api/interviews/${planned.id}/${path}`, { data });
    expect(done.ok(), await done.text()).toBe(true);
  };
  await post("requests", { parts: ["recording", "stills", "document", "templates", "series", "text"], text: `${"I would like all of it to be deleted. ".repeat(20)}${"x".repeat(120)}` });
  await post("holds", { reason: `A claim before the labour court: ${"supercalifragilistic".repeat(8)}` });
  await host.goto("/records?person=zablocka");
  await expect(host.getByText("Quirina Zabłocka").first()).toBeVisible();
  await host.goto("/records");
  await expect(host.getByText(long).first()).toBeAttached();
  await shoot(host, "records-long");
  await host.goto("/records?outcome=none");
  await expect(host.getByText(long).first()).toBeAttached();
  await shoot(host, "records-criteria");
  await host.getByRole("button", { name: "Saved searches" }).click();
  await shoot(host, "records-saved", false);
  await host.goto("/retention");
  await expect(host.getByText(long).first()).toBeAttached();
  await shoot(host, "retention-long");
  await host.getByRole("button", { name: "Answer" }).click();
  await shoot(host, "retention-answer", false);
  await host.keyboard.press("Escape");
  await host.goto(`/interviews/${planned.id}`);
  await expect(host.getByRole("region", { name: "Retention" })).toBeVisible();
  await shoot(host, "record-long");
  await candidate.goto(planned.link.replace("/join#", "/record#"));
  await expect(candidate.getByRole("heading", { name: "What is kept of your interview" })).toBeVisible();
  await shoot(candidate, "candidate-long");
  await candidate.goto("/join");
  await candidate.goto("/record#nothing-of-ours");
  await expect(candidate.getByRole("alert").first()).toBeVisible();
  await shoot(candidate, "candidate-unknown");

  await fails(host, "/records", "**/api/records?**", "records-error");
  await fails(host, "/retention", "**/api/retention", "retention-error");
  expect(errors.splice(0).every((e) => /status of (404|503)/.test(e)), "only what was made to fail failed").toBe(true);
});
