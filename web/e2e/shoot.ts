// Pictures of pages for people to look at.

import { join } from "node:path";
import { expect, type Page } from "@playwright/test";

/** The folder that pictures go to; "" where none are wanted. */
export const folder = process.env.BONAFIDE_SHOTS ?? "";

/** Takes a page in both schemes and both widths. */
export async function shoot(page: Page, name: string, whole = true): Promise<void> {
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: width === 1280 ? 800 : 844 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      const wide = await page.evaluate(() => document.scrollingElement?.scrollWidth ?? 0);
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: whole, animations: "disabled" });
      expect.soft(wide, `${name} at ${width}: nothing is wider than the window`).toBeLessThanOrEqual(width);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 800 });
}
