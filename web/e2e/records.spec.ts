// An auditor's way through the records, and a person's own account.

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

import { folder, shoot } from "./shoot";
import { addAccount, expect, plan, signIn, sql, test } from "./world";

/** look takes pictures of a page where a folder for them is named. */
async function look(page: Parameters<typeof shoot>[0], name: string): Promise<void> {
  if (folder !== "") await shoot(page, name);
}

/** totp is the code of a key (base32) at this moment, as an authenticator app shows it (RFC 6238). */
function totp(key: string): string {
  const bits = [...key].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", bytes).update(step).digest();
  const at = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

test("an auditor finds, saves and verifies", async ({ host, open }) => {
  const [one, long] = [await plan(host, "Zofia Records"), await plan(host, `Maximiliana ${"Featherstonehaugh".repeat(6)}`)];
  const auditor = { name: "Ada Auditor", email: "ada@example.org", password: "reads everything twice" };
  await addAccount(host, { ...auditor, roles: ["auditor"] });
  const { page } = await open();
  await signIn(page, auditor);
  await page.goto("/");
  await page.getByRole("navigation").getByRole("link", { name: "Records" }).click();
  await expect(page.getByRole("heading", { name: "Records" })).toBeVisible();
  await look(page, "records");
  await page.getByLabel("Candidate", { exact: true }).fill("zofia");
  await expect(page.getByText(/^1 record$/)).toBeVisible();
  await expect(page).toHaveURL(/person=zofia/);
  await page.getByRole("button", { name: "Saved searches" }).click();
  await page.getByRole("button", { name: "Save this search" }).click();
  await page.getByLabel("Name", { exact: true }).fill("All of Zofia");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await page.getByRole("button", { name: "Save list" }).click();
  const started = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: /^As CSV/ }).click();
  const csv = readFileSync(await (await started).path(), "utf8");
  expect(csv.split("\n")[1]).toContain(`${one.id},Zofia Records,`);
  expect(csv).not.toContain("Maximiliana");

  await page.getByRole("button", { name: "Verify now" }).click();
  await expect(page.getByText(/fault|as it was logged/).first()).toBeVisible();
  await look(page, "records-verified");

  await page.getByLabel("Candidate", { exact: true }).fill("nobody at all");
  await expect(page.getByText("No record fits")).toBeVisible();
  await look(page, "records-none");
  await page.getByRole("button", { name: "Saved searches" }).click();
  await page.getByRole("button", { name: "All of Zofia", exact: true }).click();
  await page.getByRole("link", { name: "Zofia Records" }).click();
  await expect(page.getByRole("heading", { name: "Who saw this record" })).toBeVisible();
  await expect(page.getByRole("list", { name: "Visits" }).getByText("Ada Auditor").first()).toBeVisible();
  await look(page, "record-access");
  await page.goto(`/interviews/${long.id}`);
  await expect(page.getByRole("heading", { name: "Who saw this record" })).toBeVisible();
  await look(page, "record-access-long");
  await page.goto("/log");
  await page.getByText("Newest, as they come").click();
  await expect(page.getByText("List saved as a file").first()).toBeVisible();
});

test("a second factor, from its set-up to signing in with it", async ({ host, open }) => {
  const account = { name: "Sina Second", email: "sina@example.org", password: "two things are better" };
  await addAccount(host, { ...account, roles: ["reviewer"] });
  const { page } = await open();
  await signIn(page, account);
  await page.goto("/account");
  await page.getByLabel("Your password").fill(account.password);
  await page.getByRole("button", { name: "Set up second factor" }).click();
  await expect(page.getByAltText(/^QR code/)).toBeVisible();
  await look(page, "account-second");
  const key = await page.getByLabel("Key", { exact: true }).inputValue();
  await page.getByLabel(/six digits/).fill(totp(key));
  await page.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByText("Keep these recovery codes now")).toBeVisible();
  const code = await page.locator("code").first().innerText();
  await look(page, "account-codes");
  await page.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.getByText("10 of 10 recovery codes are left")).toBeVisible();

  await page.getByRole("button", { name: `Account: ${account.name}` }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByLabel("Email").fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Code").fill("000000");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("not valid");
  await look(page, "sign-in-code");
  await page.getByLabel("Code").fill(code);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Your account" }), "where they left off").toBeVisible();
});

test("a candidate sees later what is kept, answers, and asks for deletion", async ({ host, candidate, world }) => {
  const planned = await plan(host, "Noor Later");
  const now = Date.now();
  sql(world.server, `UPDATE interviews SET state = 'ended', started_ms = ${now - 1_800_000}, ended_ms = ${now} WHERE id = '${planned.id}'`);
  await host.goto(`/interviews/${planned.id}`);
  await expect(host.getByText("now lead to a page about their own record")).toBeVisible();
  await candidate.goto(planned.link);
  await candidate.getByRole("link", { name: "See your record" }).click();
  await expect(candidate.getByRole("heading", { name: "What is kept of your interview" })).toBeVisible();
  await expect(candidate.getByText(/^An administrator|administrator opened the interview's page/).first()).toBeVisible();
  await expect(candidate.getByText("Ines Duarte"), "who looked at it is told by role").toHaveCount(0);
  await candidate.getByLabel("About the interview as a whole").fill("The connection broke twice; I used my phone then.");
  await candidate.getByRole("button", { name: "Send" }).click();
  await expect(candidate.getByText(/^You, .*The connection broke twice/)).toBeVisible();
  await candidate.getByLabel("Notes and names").check();
  await candidate.getByRole("button", { name: "Ask for deletion" }).click();
  await expect(candidate.getByText(/To be answered by/)).toBeVisible();
  await look(candidate, "candidate");
  await host.goto("/records?text=connection+broke");
  await expect(host.getByRole("table").getByText("The connection broke twice")).toBeVisible();
  await look(host, "records-text");
});
