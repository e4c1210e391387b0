import { describe, expect, it } from "vitest";

import { fromInputValue } from "@/lib/time";
import { blank, fromInterview, incomplete, toRequest } from "./values";

describe("values of the interview form", () => {
  it("starts at a full hour that is at least half an hour away, with its planner as host", () => {
    const now = Date.UTC(2025, 4, 5, 9, 40);
    const values = blank("u1", now);
    const start = fromInputValue(values.scheduled) ?? 0;
    expect(start - now).toBeGreaterThanOrEqual(30 * 60_000);
    expect(start - now).toBeLessThanOrEqual(90 * 60_000);
    expect(start % 3_600_000).toBe(0);
    expect(values.interviewers).toEqual(["u1"]);
  });

  it("comes back from an interview unchanged, lists never null", () => {
    const interview = {
      id: "i", candidate_name: "C", role: "R", scheduled_ms: Date.UTC(2025, 4, 5, 9, 45), place: "", time_zone: "", interviewers: ["a", "b"],
      kinds_off: null, state: "planned" as const, created_by: "u", created_ms: 1, started_ms: 0, ended_ms: 0, candidate: "",
    };
    expect(toRequest(fromInterview(interview))).toEqual({
      candidate_name: "C", role: "R", scheduled_ms: interview.scheduled_ms, place: "", time_zone: "", interviewers: ["a", "b"], kinds_off: [],
    });
  });

  it("sends 0 for a missing time, so that the server says what is missing, and trims", () => {
    const request = toRequest({ ...blank("", 0), scheduled: "", candidate_name: "  Ana ", time_zone: "Europe/Lisbon" });
    expect(request).toMatchObject({ scheduled_ms: 0, candidate_name: "Ana", time_zone: "Europe/Lisbon", interviewers: [] });
  });

  it("names every field that was left empty, and no other", () => {
    expect(Object.keys(incomplete({ ...blank("", 0), scheduled: "", role: "  " })).sort()).toEqual(["candidate_name", "interviewers", "role", "scheduled_ms"]);
    expect(incomplete({ ...blank("u1", 0), candidate_name: "Ana", role: "Engineer" })).toEqual({});
  });
});
