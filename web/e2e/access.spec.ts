// Who gets in and who does not, and what they read about it.

import type { InterviewDetail } from "../src/gen/api";
import { folder, shoot } from "./shoot";
import { consent } from "./steps";
import { addAccount, expect, owner, plan, signIn, sql, test } from "./world";

test("signing in and out", async ({ open, world }) => {
  const { page } = await open();
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Sign in" }), "the set-up page is not offered again").toBeVisible();
  await page.goto("/setup");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  const again = await page.request.post("/api/setup", { data: { token: world.server.token, ...owner } });
  expect(again.status()).toBe(409);

  await page.getByLabel("Email").fill(owner.email);
  await page.getByLabel("Password", { exact: true }).fill("four other words here");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toHaveText("This e-mail address and password do not belong together.");
  await page.getByLabel("Password", { exact: true }).fill(owner.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Interviews" })).toBeVisible();

  await page.getByRole("button", { name: `Account: ${owner.name}` }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.goto("/users");
  await expect(page.getByRole("heading", { name: "Sign in" }), "a signed-out page opens nothing").toBeVisible();
});

test("a link that does not admit says why", async ({ host, candidate, world }) => {
  const [one, other] = [await plan(host, "Noor Haddad"), await plan(host, "Pavel Sedlák")];
  const reads = async (address: string, sentence: string): Promise<void> => {
    await candidate.goto("about:blank"); // an address that differs in its fragment alone loads nothing
    await candidate.goto(address);
    await expect(candidate.getByText(sentence)).toBeVisible();
    await expect(candidate.getByRole("button", { name: "Continue" })).toHaveCount(0);
  };
  const base = one.link.split("#")[0] ?? "";
  await reads(base, "Open the whole link from your invitation.");
  await reads(one.link.slice(0, -4), "This link is not valid; check that it was copied whole");

  // The whole link, pasted over the broken one.
  await candidate.goto(one.link);
  await expect(candidate.getByRole("heading", { name: /^Noor Haddad, welcome/ })).toBeVisible();
  await expect(candidate.getByText(other.name), "a link opens its own interview only").toHaveCount(0);

  await host.goto(`/interviews/${one.id}`);
  await host.getByRole("button", { name: "Revoke" }).click();
  await host.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(host.getByText("Revoked").first()).toBeVisible();
  await reads(one.link, "This link was withdrawn; ask the person who invited you for a new one.");

  sql(world.server, `UPDATE links SET expires_ms = ${Date.now() - 1_000} WHERE id = '${other.linkId}'`);
  await reads(other.link, "This link has expired; ask the person who invited you for a new one.");
  await host.goto(`/interviews/${other.id}`);
  await expect(host.getByText(/^Expired/)).toBeVisible();
});

test("a cancelled interview says so to everybody", async ({ host, candidate }) => {
  const planned = await plan(host, "Imre Cancelled");
  await candidate.goto(planned.link);
  await consent(candidate);
  const answered = async (): Promise<number> => {
    const { participants } = (await (await host.request.get(`/api/interviews/${planned.id}`)).json()) as InterviewDetail;
    return Object.keys(participants?.find((p) => p.role === "candidate")?.consents ?? {}).length;
  };
  await expect.poll(answered, { message: "the answers are kept before the candidate goes on" }).toBe(5);
  await candidate.reload();
  const section = candidate.getByRole("region", { name: "Your consents" });
  await expect(section.getByRole("radio", { name: "I agree", exact: true, checked: true }), "the answers outlive a reload").toHaveCount(5);

  await host.goto(`/interviews/${planned.id}`);
  await host.getByRole("button", { name: "Cancel interview" }).click();
  const dialog = host.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("She took another offer.");
  await dialog.getByRole("button", { name: "Cancel interview" }).click();
  await expect(host.getByText(/^By Ines Duarte.*She took another offer\.$/)).toBeVisible();
  await expect(host.getByRole("link", { name: "Enter room" })).toHaveCount(0);
  await expect(candidate.getByRole("heading", { name: "The interview was cancelled" }), "who waits is told").toBeVisible();
  await candidate.reload();
  await expect(candidate.getByRole("heading", { name: "The interview was cancelled" })).toBeVisible();
  await expect(candidate.getByText("another offer")).toHaveCount(0);
  if (folder !== "") {
    await shoot(host, "cancelled");
    await shoot(candidate, "cancelled-candidate");
  }
  await candidate.getByRole("link", { name: "your own page" }).click();
  await expect(candidate.getByText(/^It was cancelled on .* and did not take place\.$/)).toBeVisible();
  await expect(candidate.getByRole("region", { name: "Your answers to the consents" }).getByText("you agreed")).toHaveCount(5);
  await expect(candidate.getByRole("region", { name: "Ask for deletion" }).getByRole("checkbox", { name: "Notes and names" })).toBeVisible();
  await expect(candidate.getByText("another offer")).toHaveCount(0);
  if (folder !== "") await shoot(candidate, "cancelled-record");
  await host.goto("/?state=cancelled");
  await expect(host.getByRole("table").getByText(planned.name)).toBeVisible();
});

test("accounts open what their roles allow", async ({ host, open }) => {
  const reviewer = { name: "Amara Okafor", email: "amara@example.org", password: "hiring managers read here" };
  const guest = { name: "Bo Lindqvist", email: "bo@example.org", password: "another long password" };
  await addAccount(host, { ...reviewer, roles: ["reviewer"] });
  await addAccount(host, { ...guest, roles: ["interviewer"] });
  const planned = await plan(host, "Liis Tamm");

  const { page } = await open();
  await signIn(page, reviewer);
  await page.goto(`/interviews/${planned.id}`);
  await expect(page.getByRole("heading", { name: planned.name })).toBeVisible();
  await expect(page.getByRole("link", { name: "Enter room" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Create link" })).toHaveCount(0);
  await page.goto(`/interviews/${planned.id}/room`);
  await expect(page.getByText("Your account may not open this page")).toBeVisible();
  await page.goto("/users");
  await expect(page.getByText("Your account may not manage accounts")).toBeVisible();

  await test.step("an administrator reads every interview, and enters the rooms of their own", async () => {
    const keeper = { name: "Kofi Mensah", email: "kofi@example.org", password: "keeps the accounts here" };
    await addAccount(host, { ...keeper, roles: ["admin"] });
    const { page: office } = await open();
    await signIn(office, keeper);
    await office.goto(`/interviews/${planned.id}`);
    await expect(office.getByRole("link", { name: "Edit" })).toBeVisible();
    await expect(office.getByRole("link", { name: "Enter room" }), "no door that stays shut").toHaveCount(0);
    await office.goto(`/interviews/${planned.id}/room`);
    await expect(office.getByRole("heading", { name: "You cannot join" })).toBeVisible();
    await office.getByRole("link", { name: "Interview details" }).click();
    await expect(office.getByRole("heading", { name: planned.name })).toBeVisible();
  });

  const { page: uninvited } = await open();
  await signIn(uninvited, guest);
  await uninvited.goto(`/interviews/${planned.id}/room`);
  await expect(uninvited.getByRole("alert"), "other people's interviews are not even admitted to exist").toContainText("There is no such interview");
});
