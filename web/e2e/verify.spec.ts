// An auditor's way: export a record, take the verifier along, and check the
// one with the other in a browser that can reach nothing.

import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Page } from "@playwright/test";

import { expect, hangUp, meet, plan, test } from "./world";
import { seesPicture } from "./steps";

const name = "Ngozi Balogun";

test("a record is checked offline in a browser", async ({ host, candidate, open }, info) => {
  const planned = await plan(host, name);
  await meet(host, candidate, planned);
  await seesPicture(host, name);
  await hangUp(host, planned.id);
  await host.goto(`/interviews/${planned.id}`);
  const save = async (link: string, file: string): Promise<string> => {
    const started = host.waitForEvent("download");
    await host.getByRole("link", { name: link }).click();
    copyFileSync(await (await started).path(), info.outputPath(file));
    return info.outputPath(file);
  };
  const record = await save("Export record", "record.zip");
  const verifier = await save("Get the verifier", "verify.html");
  const receipt = await (await host.request.get(`/api/interviews/${planned.id}/receipt`)).json() as { text: string };
  const kept = info.outputPath("receipt.txt");
  writeFileSync(kept, receipt.text);

  const { context, page } = await open();
  await context.setOffline(true);
  await page.goto(pathToFileURL(verifier).href);
  await check(page, record, [kept]);
  await expect(page.getByText("This record holds")).toBeVisible();
  await expect(page.getByText("not even the holder of the log's key has changed them since")).toBeVisible();
  await expect(page.getByText("recordings and stills are byte for byte those that the log recorded")).toBeVisible();

  const bytes = readFileSync(record);
  const at = bytes.indexOf(Buffer.from([0x1a, 0x45, 0xdf, 0xa3])) + 1000; // within the first recording
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  const changed = info.outputPath("changed.zip");
  writeFileSync(changed, bytes);
  await check(page, changed, []);
  await expect(page.getByText("This record does not hold")).toBeVisible();
  await expect(page.getByText(/^media\/.*is damaged/)).toBeVisible();

  await check(page, kept, []);
  await expect(page.getByText("This record does not hold")).toBeVisible();
});

async function check(page: Page, record: string, receipts: string[]): Promise<void> {
  await page.getByLabel("Record (zip file)").setInputFiles(record);
  await page.getByLabel(/^Receipts/).setInputFiles(receipts);
  await page.getByRole("button", { name: "Check", exact: true }).click();
}
