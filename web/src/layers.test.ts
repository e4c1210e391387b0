import { describe, expect, it } from "vitest";

const sources = import.meta.glob<string>("./**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });

// What each folder may import of ours. Whatever is not listed may import anything.
const allowed: Readonly<Record<string, readonly string[]>> = {
  gen: ["gen"],
  rtc: ["rtc", "gen"],
  api: ["api", "gen", "lib"],
  lib: ["lib", "gen", "api"],
  hooks: ["hooks", "gen", "lib", "api", "rtc", "components"],
  components: ["components", "gen", "lib", "api", "hooks"],
  review: ["review", "gen", "lib", "api", "hooks", "components"],
  room: ["room", "gen", "lib", "api", "rtc", "hooks", "components"],
};

/** folderOf is the first folder below src that an import leads to; null for packages. */
function folderOf(file: string, target: string): string | null {
  if (target.startsWith("@/")) return target.split("/")[1] ?? null;
  if (!target.startsWith(".")) return null;
  const parts = file.split("/").slice(1, -1);
  for (const step of target.split("/")) {
    if (step === "..") parts.pop();
    else if (step !== ".") parts.push(step);
  }
  return parts[0] ?? null;
}

describe("folders", () => {
  it.each(Object.entries(sources))("%s imports only what its folder may", (file, text) => {
    const own = file.split("/")[1] ?? "";
    const may = allowed[own];
    const wrong = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)]
      .map((match) => match[1] ?? "")
      .filter((target) => {
        const folder = folderOf(file, target);
        if (folder === null) return own === "rtc" && !file.endsWith(".test.ts"); // plain TypeScript: no packages
        return may !== undefined && !may.includes(folder);
      });
    expect(wrong).toEqual([]);
  });
});
