// What the shorter specs share: one server and one pair of browsers for as
// long as the worker lives, an account that is signed in, and interviews that
// are planned through the API. Every test has contexts and an interview of its
// own. Pages come from `open` alone, so that none escapes the error collector.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "@playwright/test";

import type { InterviewDetail, LinkCreated, ReviewData, User, UserRequest } from "../src/gen/api";
import { collect, expect, keepPictures, launch, startServer, watched, type Fake, type Server } from "./app";
import { candidateCamera, interviewerCamera, voice } from "./media";
import { consent, enterFrom } from "./steps";

export { expect };

/** The account that every test hosts with; it is an administrator too. */
export const owner = { name: "Ines Duarte", email: "ines@example.org", password: "four plain words here" };

/** Who sits in front of a browser: it decides what its camera shows. */
export type Who = "host" | "candidate";

/** How a page differs from a desktop's. */
export interface Look extends Pick<BrowserContextOptions, "viewport" | "hasTouch" | "isMobile" | "colorScheme" | "timezoneId"> {
  /** Chromium's flags beyond the usual ones; they want a browser of their own. */
  flags?: string[];
}

interface World {
  server: Server;
  browser(who: Who, flags?: string[]): Promise<Browser>;
}

interface Fixtures {
  open(who?: Who, look?: Look): Promise<{ context: BrowserContext; page: Page }>;
  /** A page of the signed-in owner. */
  host: Page;
  /** A page of somebody who has no account. */
  candidate: Page;
}

function fakeOf(who: Who): Fake {
  return who === "candidate"
    ? { camera: candidateCamera(), microphone: voice("candidate") }
    : { camera: interviewerCamera(), microphone: voice("interviewer") };
}

export const test = watched.extend<Fixtures, { world: World }>({
  world: [async ({}, use) => { // eslint-disable-line no-empty-pattern
    const data = mkdtempSync(join(tmpdir(), "bonafide-e2e-"));
    const server = await startServer(data, "--operator", "Example Ltd");
    const made = await fetch(`${server.url}/api/setup`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token: server.token, ...owner }),
    });
    expect(made.status, await made.text()).toBeLessThan(300);
    const browsers = new Map<string, Promise<Browser>>();
    await use({
      server,
      browser: (who, flags = []) => {
        const key = [who, ...flags].join(" ");
        const browser = browsers.get(key) ?? launch(fakeOf(who), flags);
        browsers.set(key, browser);
        return browser;
      },
    });
    for (const browser of browsers.values()) await (await browser).close();
    await server.stop("SIGKILL"); // a shutdown that is in order is another test's matter
    rmSync(data, { recursive: true, force: true });
  }, { scope: "worker" }],

  open: async ({ world, errors }, use, info) => {
    const contexts: BrowserContext[] = [];
    await use(async (who = "host", { flags, ...look } = {}) => {
      const browser = await world.browser(who, flags);
      const context = await browser.newContext({
        baseURL: world.server.url, viewport: { width: 1280, height: 800 }, locale: "en-GB", ...look,
      });
      await context.grantPermissions(["camera", "microphone"], { origin: world.server.url });
      context.setDefaultTimeout(15_000); // a control that is not there fails its step, not the whole budget
      contexts.push(context);
      context.on("page", (page) => collect(page, errors));
      return { context, page: await context.newPage() };
    });
    await keepPictures(contexts.flatMap((c) => c.pages()), info);
    for (const context of contexts) await context.close();
  },
  host: async ({ open }, use) => {
    const { page } = await open("host");
    await signIn(page);
    await use(page);
  },
  candidate: async ({ open }, use) => {
    await use((await open("candidate")).page);
  },
});

/** Signs a page's context in, without the form. */
export async function signIn(page: Page, who: { email: string; password: string } = owner): Promise<void> {
  await ok(page.request.post("/api/session", { data: { email: who.email, password: who.password } }));
}

/** Adds an account. */
export async function addAccount(admin: Page, account: UserRequest): Promise<User> {
  return ok(admin.request.post("/api/users", { data: account }));
}

/** An interview that was planned, with a candidate's link. */
export interface Planned {
  id: string;
  name: string;
  link: string;
  linkId: string;
}

/** Plans an interview and makes a link. */
export async function plan(host: Page, name: string, role = "Payments engineer"): Promise<Planned> {
  const me = await ok<{ user: User }>(host.request.get("/api/session"));
  const { interview } = await ok<InterviewDetail>(host.request.post("/api/interviews", {
    data: {
      candidate_name: name, role, scheduled_ms: Date.now() + 600_000, place: "Lisbon, Portugal",
      time_zone: "Europe/Lisbon", interviewers: [me.user.id], kinds_off: [],
    },
  }));
  const { url, link } = await ok<LinkCreated>(host.request.post(`/api/interviews/${interview.id}/links`, { data: { valid_hours: 24 } }));
  return { id: interview.id, name, link: url, linkId: link.id };
}

/** What the review page reads, of the server at an origin where the page knows no base. */
export async function review(host: Page, id: string, origin = ""): Promise<ReviewData> {
  return ok<ReviewData>(host.request.get(`${origin}/api/interviews/${id}/review`));
}

/** Hangs up and waits until the review has whole recordings. */
export async function hangUp(host: Page, id: string): Promise<ReviewData> {
  await host.getByRole("button", { name: "Hang up" }).click();
  await host.getByRole("dialog").getByRole("button", { name: "End interview" }).click();
  await expect(host.getByRole("heading", { name: "The interview has ended" })).toBeVisible();
  await expect.poll(async () => (await review(host, id)).ready, { message: "the recordings are finished" }).toBe(true);
  return review(host, id);
}

/** Brings both into the room of an interview. */
export async function meet(host: Page, candidate: Page, planned: Planned, refuse: RegExp | null = null): Promise<void> {
  await host.goto(`/interviews/${planned.id}/room`);
  await consent(host);
  await enterFrom(host, "Enter room");
  await candidate.goto(planned.link);
  await consent(candidate, refuse);
  await enterFrom(candidate, "Continue");
  await host.getByRole("button", { name: "Admit", exact: true }).first().click();
  await expect(candidate.getByRole("toolbar", { name: "Call controls" })).toBeVisible();
}

/** Runs SQL on the server's database, for what no page may do: letting time pass. */
export function sql(server: Server, statement: string): void {
  execFileSync("sqlite3", ["-cmd", ".timeout 5000", join(server.data, "bonafide.db"), statement], { stdio: ["ignore", "ignore", "inherit"] });
}

interface Answer {
  ok(): boolean;
  status(): number;
  url(): string;
  text(): Promise<string>;
}

/** The JSON of an answer that must not be a refusal. */
async function ok<T>(asked: Promise<Answer>): Promise<T> {
  const answer = await asked;
  const body = await answer.text();
  expect(answer.ok(), `${answer.url()}: ${answer.status()} ${body}`).toBe(true);
  return (body === "" ? undefined : JSON.parse(body)) as T;
}
