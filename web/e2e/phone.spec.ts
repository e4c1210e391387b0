// The candidate on a phone, and every page on a phone's width, in dark colours.

import type { Page } from "@playwright/test";

import { expect, hangUp, plan, signIn, test } from "./world";
import { consent, enterFrom, seesPicture } from "./steps";

const phone = {
  viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: "dark" as const,
};

test("an interview on two phones", async ({ open }) => {
  const { page: host } = await open("host", phone);
  const { page: candidate } = await open("candidate", phone);
  await signIn(host);
  const planned = await plan(host, "Maximiliana Konstantinopolitanska-Featherstonehaugh");

  await test.step("pages of the office", async () => {
    const own = `/interviews/${planned.id}`;
    for (const path of ["/", "/interviews/new", own, `${own}/edit`, `${own}/log`, "/log", "/users", "/nowhere"]) {
      await host.goto(path);
      await expect(host.getByRole("main")).not.toBeEmpty();
      await expect(host.getByRole("status", { name: /^Loading/ })).toHaveCount(0);
      await fits(host, path);
    }
  });

  await candidate.goto(planned.link);
  await expect(candidate.getByRole("heading", { name: /welcome/ })).toBeVisible();
  await fits(candidate, "lobby");
  await consent(candidate);
  await candidate.getByRole("button", { name: /turn on/i }).tap();
  await expect(candidate.getByRole("button", { name: "Continue" })).toBeEnabled();
  await fits(candidate, "lobby with a picture");
  await candidate.getByRole("button", { name: "Continue" }).tap();
  await expect(candidate.getByRole("heading", { name: "Waiting room" })).toBeVisible();
  await fits(candidate, "waiting room");

  await host.goto(`/interviews/${planned.id}/room`);
  await consent(host);
  await enterFrom(host, "Enter room");
  await host.getByRole("button", { name: "Admit", exact: true }).first().tap();
  await seesPicture(candidate, "Ines Duarte");
  await seesPicture(host, planned.name);
  await fits(candidate, "call");
  await fits(host, "room");
  for (const button of ["Mute microphone", "Stop camera", "Leave"]) {
    await expect(candidate.getByRole("button", { name: button }), `${button} is within reach`).toBeInViewport({ ratio: 1 });
  }
  await candidate.getByRole("button", { name: "Mute microphone" }).tap();
  await expect(candidate.getByRole("button", { name: "Unmute microphone" })).toBeVisible();

  await hangUp(host, planned.id);
  await expect(candidate.getByRole("heading", { name: "The interview has ended" })).toBeVisible();
  await fits(candidate, "the end");
  await host.goto(`/interviews/${planned.id}/review`);
  await expect(host.getByRole("region", { name: "Player" })).toBeVisible();
  await fits(host, "review");
});

/** Nothing is wider than the window, and the page is dark. */
async function fits(page: Page, where: string): Promise<void> {
  const { wide, window: width, background } = await page.evaluate(() => ({
    wide: document.scrollingElement?.scrollWidth ?? 0, window: window.innerWidth,
    background: getComputedStyle(document.body).backgroundColor,
  }));
  expect(wide, `${where}: nothing is wider than the window`).toBeLessThanOrEqual(width);
  expect(width, `${where}: the page is not zoomed out to fit`).toBe(phone.viewport.width);
  const light = (background.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  expect(Math.max(...light), `${where}: dark background, not ${background}`).toBeLessThan(80);
}
