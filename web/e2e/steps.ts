// What people do, in the words of the pages: each step finds its controls by
// role and name, as a person would.

import { expect, type Page } from "@playwright/test";

/** The interviewer plans an interview and gives the path of its page. */
export async function createInterview(page: Page, candidate = "Tomás Ferreira"): Promise<string> {
  await page.getByRole("link", { name: "New interview" }).first().click();
  await page.getByLabel("Candidate name").fill(candidate);
  await page.getByLabel("Role", { exact: false }).first().fill("Payments engineer");
  await page.getByRole("combobox", { name: "Claimed place" }).fill("Lisbon, Portugal");
  await page.getByRole("button", { name: "Create interview" }).click();
  await expect(page.getByRole("button", { name: "Create link" })).toBeVisible();
  return new URL(page.url()).pathname;
}

/** Creates a candidate link and returns it. */
export async function createLink(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Create link" }).click();
  const field = page.getByLabel("Candidate link");
  await expect(field).toHaveValue(/\/join#/);
  return field.inputValue();
}

/** Answers the consents that are asked of whoever this is; those named are refused. */
export async function consent(page: Page, refuse: RegExp | null = null): Promise<void> {
  const section = page.getByRole("region", { name: "Your consents" });
  await expect(section.getByRole("radiogroup")).not.toHaveCount(0);
  const five = await section.getByRole("radiogroup").count() === 5; // the candidate's
  for (const name of ["Recording", "Face measurements", "Gaze measurements", "Speech measurements", ...(five ? ["Comparison with other interviews"] : [])]) {
    const answer = refuse?.test(name) === true ? "I do not agree" : "I agree";
    await section.getByRole("radiogroup", { name, exact: true }).getByRole("radio", { name: answer, exact: true }).check();
  }
}

/**
 * From the lobby with devices on into whatever follows. The button must keep its
 * place meanwhile: who clicks while it moves clicks beside it.
 */
export async function enterFrom(page: Page, button: "Continue" | "Enter room"): Promise<void> {
  const go = page.getByRole("button", { name: button });
  // Below the devices, which may stick to the window while the page scrolls.
  const place = () => go.evaluate((b) => {
    const devices = document.querySelector('[aria-labelledby="your-devices"]');
    return Math.round(b.getBoundingClientRect().top - (devices?.getBoundingClientRect().top ?? 0));
  });
  const before = await place();
  const devices = page.getByRole("button", { name: /turn on|camera and microphone|allow/i });
  if (await devices.first().isVisible().catch(() => false)) await devices.first().click();
  await expect(go).toBeEnabled({ timeout: 20_000 });
  expect(await place(), `the place of "${button}" below the top of the devices`).toBe(before);
  await go.click();
}

/** Waits until the picture of a person is live: its frames advance. */
export async function seesPicture(page: Page, of: string): Promise<void> {
  const video = page.getByLabel(`Picture of ${of}`);
  await expect(video).toBeVisible();
  const frames = (): Promise<number> => video.evaluate((v: HTMLVideoElement) => v.getVideoPlaybackQuality().totalVideoFrames);
  const before = await frames();
  await expect.poll(frames, { message: `frames of ${of} advance`, timeout: 20_000 }).toBeGreaterThan(before + 5);
}
