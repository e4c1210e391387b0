import { defineConfig } from "@playwright/test";

// Two browsers, a server and an analysis share two cores: one test at a time.
export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  testIgnore: process.env.BONAFIDE_LONG ? [] : "long/**",
  workers: 1,
  fullyParallel: false,
  timeout: 240_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  outputDir: "../test-results",
  use: { trace: "off", screenshot: "off" },
});
