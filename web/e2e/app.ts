// Starts the real server on a free port with a folder of its own, and real
// browsers with fake cameras. Everything is stopped when the test ends, and a
// page that logged an error fails its test.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, chromium, expect, type Browser, type BrowserContext, type Page } from "@playwright/test";

import { root } from "./media";

/** The program under test, and its model files. */
export const bonafide = join(root, "bin", "bonafide");
export const models = process.env.BONAFIDE_MODELS ?? join(root, "models", "data");

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
export function launch(fake?: Fake): Promise<Browser> {
  const args = [...flags];
  if (fake) args.push(`--use-file-for-fake-video-capture=${fake.camera}`, `--use-file-for-fake-audio-capture=${fake.microphone}`);
  return chromium.launch({ executablePath: "/usr/bin/chromium", headless: true, args });
}

interface Fixtures {
  data: string;
  errors: string[];
  open(fake?: Fake, size?: { width: number; height: number }): Promise<{ context: BrowserContext; page: Page }>;
}

export const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern
  data: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "bonafide-e2e-"));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  // eslint-disable-next-line no-empty-pattern
  errors: async ({}, use) => {
    const errors: string[] = [];
    await use(errors);
    expect(errors, "errors that the pages logged").toEqual([]);
  },
  open: async ({ errors }, use, info) => {
    const browsers: Browser[] = [];
    const pages: Page[] = [];
    await use(async (fake, size = { width: 1280, height: 800 }) => {
      const browser = await launch(fake);
      browsers.push(browser);
      const context = await browser.newContext({ viewport: size, permissions: fake ? ["camera", "microphone"] : [] });
      const page = await context.newPage();
      pages.push(page);
      page.on("pageerror", (e) => errors.push(String(e)));
      page.on("console", (m) => {
        if (m.type() === "error" && !/status of (401|403|404)/.test(m.text())) errors.push(`${m.text()} (${m.location().url})`);
      });
      return { context, page };
    });
    if (info.status !== info.expectedStatus) {
      for (const [i, page] of pages.entries()) await page.screenshot({ path: info.outputPath(`page-${i + 1}.png`) }).catch(() => undefined);
    }
    for (const b of browsers) await b.close();
  },
});

export { expect, execFileSync };

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
