import type { InterviewRequest } from "@/gen/api";
import type { Kind } from "@/gen/evidence";
import type { Interview } from "@/gen/interview";
import type { FormErrors } from "@/lib/form";
import { list } from "@/lib/list";
import { fromInputValue, toInputValue } from "@/lib/time";

/** Values is the form as typed: the time as its input holds it, lists never null. */
export interface Values {
  candidate_name: string;
  role: string;
  scheduled: string; // datetime-local, in this browser's zone
  place: string;
  time_zone: string | null;
  interviewers: readonly string[];
  kinds_off: readonly Kind[];
}

const hour = 3_600_000;

/** blank starts at the next full hour that is at least half an hour away, hosted by the one who plans it. */
export function blank(me: string, now: number): Values {
  const start = Math.ceil((now + hour / 2) / hour) * hour;
  return {
    candidate_name: "", role: "", scheduled: toInputValue(start), place: "", time_zone: null,
    interviewers: me === "" ? [] : [me], kinds_off: [],
  };
}

export function fromInterview(interview: Interview): Values {
  return {
    candidate_name: interview.candidate_name,
    role: interview.role,
    scheduled: toInputValue(interview.scheduled_ms),
    place: interview.place,
    time_zone: interview.time_zone === "" ? null : interview.time_zone,
    interviewers: list(interview.interviewers),
    kinds_off: list(interview.kinds_off),
  };
}

/** incomplete says of every field at once that it was left empty; what is filled in is the server's to judge. */
export function incomplete(values: Values): FormErrors {
  const errors: Record<string, string> = {};
  if (values.candidate_name.trim() === "") errors.candidate_name = "Enter the candidate's name.";
  if (values.role.trim() === "") errors.role = "Enter the position.";
  if (fromInputValue(values.scheduled) === null) errors.scheduled_ms = "Choose a date and a time.";
  if (values.interviewers.length === 0) errors.interviewers = "Choose at least one interviewer.";
  return errors;
}

/** toRequest sends 0 for a missing time; the server then says what is missing. */
export function toRequest(values: Values): InterviewRequest {
  return {
    candidate_name: values.candidate_name.trim(),
    role: values.role.trim(),
    scheduled_ms: fromInputValue(values.scheduled) ?? 0,
    place: values.place.trim(),
    time_zone: values.time_zone ?? "",
    interviewers: [...values.interviewers],
    kinds_off: [...values.kinds_off],
  };
}
