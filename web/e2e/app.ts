// Starts the real server on a free port with a folder of its own, and real
// browsers with fake cameras. Everything is stopped when the test ends, and a
// page that logged an error fails its test.

import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, chromium, expect, type Browser, type BrowserContext, type Page, type TestInfo } from "@playwright/test";

import { models, root } from "./media";

/** The program under test. */
export const bonafide = process.env.BONAFIDE_BIN ?? join(root, "bin", "bonafide");

export interface Server {
  url: string;
  token: string; // of the set-up page
  data: string; // folder of the database and the recordings
  process: ChildProcess;
  log(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts bin/bonafide and waits until it listens. */
export async function startServer(data: string, ...extra: string[]): Promise<Server> {
  const child = spawn(bonafide, [
    "serve", "--addr", "127.0.0.1:0", "--udp-port", "0", "--tcp-port", "0",
    "--data", data, "--models", models, ...extra,
  ], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.stdout.on("data", (b: Buffer) => { out += b.toString(); });
  child.stderr.on("data", (b: Buffer) => { out += b.toString(); });
  await expect.poll(() => child.exitCode !== null || /listening url=\S+/.test(out), { timeout: 30_000, message: "the server listens" }).toBe(true);
  const url = /listening url=(\S+)/.exec(out)?.[1];
  if (!url) throw new Error(`the server did not start:\n${out}`);
  return {
    url: url.replace("127.0.0.1", "localhost"),
    token: /set-up token: (\S+)/.exec(out)?.[1] ?? "",
    data, process: child, log: () => out,
    stop: async (signal = "SIGTERM") => {
      child.kill(signal);
      await gone;
    },
  };
}

export interface Fake {
  camera: string;
  microphone: string;
}

const flags = [
  "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--allow-loopback-in-peer-connection",
  "--autoplay-policy=no-user-gesture-required", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
  "--disable-background-timer-throttling", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--no-first-run", "--disable-gpu", "--no-sandbox", "--disable-quic",
];

/** Launches Debian's Chromium with a camera and a microphone made of files. */
export function launch(fake?: Fake, extra: readonly string[] = []): Promise<Browser> {
  const args: string[] = [...flags];
  if (fake) args.push(`--use-file-for-fake-video-capture=${fake.camera}`, `--use-file-for-fake-audio-capture=${fake.microphone}`);
  args.push(...extra); // the last of two flags of one name counts
  return chromium.launch({ executablePath: "/usr/bin/chromium", headless: true, args });
}

/** Collects what pages log as errors and fails the test that got any. */
export const watched = base.extend<{ errors: string[] }>({
  // eslint-disable-next-line no-empty-pattern
  errors: async ({}, use) => {
    const errors: string[] = [];
    await use(errors);
    expect(errors, "errors that the pages logged").toEqual([]);
  },
});

/** Refusals that a page asks for: who am I (nobody), may I read this (no). The page says so in words. */
const refusals = /status of (401|403|404|410)/;

/** Notes the errors that a page logs. */
export function collect(page: Page, errors: string[]): void {
  page.on("pageerror", (e) => errors.push(String(e)));
  page.on("console", (m) => {
    if (m.type() === "error" && !refusals.test(m.text())) errors.push(`${m.text()} (${m.location().url})`);
  });
}

/** Keeps pictures of the pages of a test that failed. */
export async function keepPictures(pages: readonly Page[], info: TestInfo): Promise<void> {
  if (info.status === info.expectedStatus) return;
  for (const [i, page] of pages.entries()) {
    await page.screenshot({ path: info.outputPath(`page-${i + 1}.png`), timeout: 5_000 }).catch(() => undefined);
  }
}

interface Fixtures {
  data: string;
  open(fake?: Fake, size?: { width: number; height: number }): Promise<{ context: BrowserContext; page: Page }>;
}

export const test = watched.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern
  data: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "bonafide-e2e-"));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  open: async ({ errors }, use, info) => {
    const browsers: Browser[] = [];
    const pages: Page[] = [];
    await use(async (fake, size = { width: 1280, height: 800 }) => {
      const browser = await launch(fake);
      browsers.push(browser);
      const context = await browser.newContext({ viewport: size, permissions: fake ? ["camera", "microphone"] : [] });
      context.setDefaultTimeout(15_000); // a control that is not there fails its step, not the whole budget
      const page = await context.newPage();
      pages.push(page);
      collect(page, errors);
      return { context, page };
    });
    await keepPictures(pages, info);
    for (const b of browsers) await b.close();
  },
});

export { expect };

/** Sets a new server up and signs its first account in. */
export async function setUp(page: Page, server: Server): Promise<void> {
  await page.goto(server.url);
  await page.getByLabel("Set-up token").fill(server.token);
  await page.getByLabel("Your name").fill("Ines Duarte");
  await page.getByLabel("Email").fill("ines@example.org");
  await page.getByLabel("Password", { exact: true }).fill("four plain words here");
  await page.getByRole("button", { name: /create|set up/i }).click();
  await expect(page.getByRole("heading", { name: "Interviews" })).toBeVisible();
}
