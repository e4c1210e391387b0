import { expect, it } from "vitest";

import { templateFor } from "./templateFor";

it("finds the run-sheet of a role without case and spaces, else the default", () => {
  const all = [{ id: "default", name: "Standard", roles: [], cards: [] }, { id: "p", name: "Pilots", roles: ["Senior  pilot"], cards: [] }];
  expect(templateFor(all, " senior PILOT ")?.id).toBe("p");
  expect(templateFor(all, "Pilot")?.id).toBe("default");
  expect(templateFor([], "Pilot")).toBeUndefined();
});
