import type { LogEntry } from "@/gen/api";
import { spansWords, whatWords } from "./access";
import type {
  AccessPayload, AnalysisPayload, FaceTemplatePayload, ProfilePayload, MatchesPayload, MatchVerdictPayload, SameFace, TemplateFrom, DeletionPayload, OutcomePayload, PolicyPayload, RequestPayload, StoragePayload, CardsDrawnPayload, ComparedPayload, EnrolledPayload, ConsentPayload, CountPayload, Coverage, DeviationPayload, DevicePayload, DiskPayload, EntryKind, ErrorPayload, Finding, Gap,
  InterviewPayload, KeyPayload, MasterKeyPayload, KindInfo, LinkPayload, ListedPayload, ParticipantPayload, PlayedPayload, QuestionPayload, RecordingPayload, ReviewPayload, Segment,
  StepPayload, StepResult, TemplatePayload, TrackPayload, UserPayload, VerdictPayload, VerifiedPayload, FactPayload, SeriesPayload,
} from "@/gen/evidence";
import type { Outcome } from "@/gen/interview";
import { outcomeLabel, partWords, reasonLabels } from "./retention";
import { cardTitles, changeWords, deviationReasons, endWords, outcomeSentence, verdictWords } from "./cards";
import { count, list } from "./list";
import { dateTime, preciseClock } from "./time";
import { causeWords, coverageWords, decisionWords, reasonWords, slowedWords, sourceWords } from "./words";

// The words for the entries of the evidence log. The bytes that are proved
// are the entry's own; these sentences are for reading only.

/** entryTitles names every kind of entry. */
export const entryTitles: Readonly<Record<EntryKind, string>> = {
  "interview.created": "Interview planned",
  "interview.updated": "Interview changed",
  "interview.started": "Interview began",
  "interview.ended": "Interview ended",
  "interview.decided": "Outcome decided",
  "interview.cancelled": "Interview cancelled",
  "interview.sealed": "Log of the interview closed",
  "link.created": "Link created",
  "link.revoked": "Link revoked",
  "participant.joined": "Joined",
  "participant.waiting": "In the waiting room",
  "participant.admitted": "Admitted",
  "participant.left": "Left",
  consent: "Consent",
  "track.published": "Stream began",
  "track.ended": "Stream ended",
  "track.mute": "Muted or unmuted",
  "device.changed": "Device",
  "recording.started": "Recording began",
  "recording.segment": "Recording closed",
  "recording.repaired": "Recording repaired",
  "recording.failed": "Recording failed",
  "media.gap": "Gap in the media",
  "analysis.started": "Analysis began",
  "analysis.outage": "Analysis was down",
  "analysis.finished": "Analysis finished",
  finding: "Finding",
  coverage: "Coverage",
  series: "Readings over time",
  "client.fact": "Told by the page",
  annotation: "Note",
  question: "Question mark",
  review: "Decision on a finding",
  "cards.drawn": "Run-sheet drawn",
  "cards.deviation": "Departure from the run-sheet",
  "step.started": "Card begun",
  "step.ended": "Card ended",
  "identity.enrolled": "Face enrolled",
  "identity.compared": "Face compared",
  "identity.retake": "Face to be enrolled anew",
  "step.checked": "Card checked",
  "step.verdict": "Verdict on a card",
  "template.changed": "Run-sheet of a role changed",
  "template.kept": "Face template kept",
  "picture.kept": "Profile picture added",
  "matches.looked_up": "Compared with other interviews",
  "matches.verdict": "Verdict on two pictures",
  "disk.low": "Disk nearly full",
  "server.started": "Server started",
  "server.draining": "Server stopping",
  "user.created": "Account added",
  "user.changed": "Account changed",
  "user.sign_in": "Sign-in",
  export: "Record exported",
  "key.rotated": "Signing key replaced",
  "master_key.replaced": "Master key replaced",
  error: "Fault of the server",
  "access.viewed": "Seen",
  "access.played": "Played",
  "access.refused": "Refused to show",
  "access.listed": "List saved as a file",
  "log.verified": "Verified",
  "finding.answered": "Answered by the candidate",
  "part.deleted": "Part of the record deleted",
  "hold.placed": "Legal hold placed",
  "hold.released": "Legal hold released",
  "deletion.requested": "Deletion asked for",
  "deletion.fulfilled": "Deletion request fulfilled",
  "deletion.refused": "Deletion request refused",
  "policy.changed": "Retention policy changed",
  "storage.plain": "Recordings that are not encrypted",
  "storage.sealed": "Recordings of an earlier version encrypted",
};

const originWords: Readonly<Record<TemplateFrom, string>> = { enrolled: "the enrolled face", document: "the portrait of the document", picture: "the profile picture" };

/** sameWords say what a person answered to whether two pictures show one person. */
export const sameWords: Readonly<Record<SameFace, string>> = { same: "the same person", different: "two people", unsure: "unsure" };

/** Names is what an entry's identifiers stand for, as far as it is known. */
export interface Names {
  people: ReadonlyMap<string, string>; // participants and accounts
  kinds: ReadonlyMap<string, KindInfo>;
}

/** entrySummary says in one line what an entry holds beyond its kind; "" where that is nothing. */
export function entrySummary({ entry }: LogEntry, { people, kinds }: Names): string {
  const person = (id: string) => people.get(id) ?? `participant ${id.slice(0, 8)}`;
  const measured = (kind: string) => kinds.get(kind)?.title ?? kind;
  const between = (from: number, to: number) => `${preciseClock(from)} to ${preciseClock(to)}`;
  const parts = (...all: string[]) => all.filter((text) => text !== "").join(", ");
  // An entry's kind says what type its payload has (server/evidence/payload.go).
  const payload = entry.payload ?? {};
  switch (entry.kind) {
    case "interview.created":
    case "interview.updated":
    case "interview.started":
    case "interview.ended": {
      const { kinds_off, reason } = payload as InterviewPayload;
      const off = list(kinds_off).map(measured);
      return parts(reason === undefined ? "" : plain(reason), off.length === 0 ? "" : `switched off: ${off.join(", ")}`);
    }
    case "link.created": {
      const { expires_ms } = payload as LinkPayload;
      return expires_ms === undefined ? "" : `valid until ${dateTime(expires_ms)}`;
    }
    case "participant.joined":
    case "participant.waiting":
    case "participant.admitted":
    case "participant.left": {
      const { participant, role, reason, rejoined } = payload as ParticipantPayload;
      return parts(`${person(participant)} (${role})`, rejoined === true ? "again" : "", reason === undefined ? "" : plain(reason));
    }
    case "access.viewed":
    case "access.refused": {
      const { what, object, roles } = payload as AccessPayload;
      return parts(whatWords[what], object ?? "", list(roles).join(" and "));
    }
    case "access.played": {
      const { spans, roles } = payload as PlayedPayload;
      return parts(spansWords(list(spans)), list(roles).join(" and "));
    }
    case "log.verified": {
      const { entries, files, gone, faults } = payload as VerifiedPayload;
      return parts(count(entries, "entry", "entries"), count(files, "file"), gone > 0 ? `${gone} deleted` : "", faults === 0 ? "all as logged" : count(faults, "fault"));
    }
    case "access.listed": {
      const { format, rows } = payload as ListedPayload;
      return `${count(rows, "interview")}, ${format.toUpperCase()}`;
    }
    case "consent": {
      const { participant, consent, granted, withdrawn } = payload as ConsentPayload;
      return `${person(participant)}, ${consent}: ${granted ? "agreed" : withdrawn === true ? "withdrawn" : "refused"}`;
    }
    case "track.published":
    case "track.ended":
    case "track.mute": {
      const { participant, source, muted } = payload as TrackPayload;
      return parts(person(participant), sourceWords(source), entry.kind === "track.mute" ? (muted === true ? "muted" : "unmuted") : "");
    }
    case "device.changed": {
      const { participant, source, width, height, frame_rate } = payload as DevicePayload;
      return parts(person(participant), sourceWords(source), width !== undefined && height !== undefined ? `${width} × ${height}` : "",
        frame_rate === undefined ? "" : `${Math.round(frame_rate)} pictures a second`);
    }
    case "recording.started":
    case "recording.repaired":
    case "recording.failed": {
      const { participant, stream, n, error, lost_bytes } = payload as RecordingPayload;
      return parts(person(participant), `${stream} ${n}`, error === undefined ? "" : plain(error), lost_bytes === undefined ? "" : `${lost_bytes} bytes lost`);
    }
    case "recording.segment": {
      const { participant, stream, n, start_ms, end_ms, bytes } = payload as Segment;
      return parts(person(participant), `${stream} ${n}`, between(start_ms, end_ms), `${bytes} bytes`);
    }
    case "media.gap": {
      const { participant, source, start_ms, end_ms, cause } = payload as Gap;
      return parts(person(participant), sourceWords(source), between(start_ms, end_ms), causeWords(cause));
    }
    case "analysis.started":
    case "analysis.outage":
    case "analysis.finished": {
      const { run, participant, start_ms, end_ms, reason, findings } = payload as AnalysisPayload;
      return parts(participant === undefined || participant === "" ? "" : person(participant), `run ${run}`,
        start_ms !== undefined && end_ms !== undefined ? between(start_ms, end_ms) : "",
        reason === undefined ? "" : plain(reason), findings === undefined ? "" : count(findings, "finding"));
    }
    case "finding": {
      const { participant, kind, start_ms, end_ms, open } = payload as Finding;
      return parts(person(participant), measured(kind), open ? `since ${preciseClock(start_ms)}` : between(start_ms, end_ms));
    }
    case "coverage": {
      const { participant, kind, state, reason, slowed_to: slowed, start_ms, end_ms } = payload as Coverage;
      return parts(person(participant), `${measured(kind)}: ${coverageWords[state]}${reason === undefined ? "" : ` (${reasonWords[reason]})`}`,
        slowed === undefined ? "" : slowedWords(slowed), between(start_ms, end_ms));
    }
    case "series": {
      const { participant, name, start_ms, end_ms, count: n } = payload as SeriesPayload;
      return parts(person(participant), plain(name.replace(".", ": ")), between(start_ms, end_ms), count(n, "reading"));
    }
    case "client.fact": {
      const { participant, fact, state, source, width, height, screens, rtt_ms, changed } = payload as FactPayload;
      return parts(person(participant), `${fact}${state === undefined || state === "" ? "" : ` ${plain(state)}`}`, source === undefined ? "" : sourceWords(source),
        width !== undefined && height !== undefined ? `${width} × ${height}` : "", screens === 2 ? "more than one screen" : "",
        rtt_ms === undefined ? "" : `round trip ${Math.round(rtt_ms)} ms`, changed === true ? "changed" : "");
    }
    case "question":
      return (payload as QuestionPayload).phase === "asked" ? "question asked" : "answer begins";
    case "review": {
      const { finding, decision } = payload as ReviewPayload;
      return `${decisionWords[decision]}, finding ${finding.slice(0, 8)}`;
    }
    case "cards.drawn":
      return list((payload as CardsDrawnPayload).cards).map((card) => cardTitles[card.kind]).join(", ");
    case "cards.deviation": {
      const { change, reason, kind } = payload as DeviationPayload;
      return parts(cardTitles[kind], changeWords[change].toLowerCase(), deviationReasons[reason].toLowerCase());
    }
    case "step.started":
    case "step.ended": {
      const { kind, attempt, side, ended } = payload as StepPayload;
      return parts(cardTitles[kind], side ?? "", attempt > 1 ? `attempt ${attempt}` : "", ended === undefined ? "" : endWords[ended]);
    }
    case "identity.enrolled": {
      const { frames, from_ms, to_ms } = payload as EnrolledPayload;
      return `from ${count(frames, "picture")}, ${preciseClock(from_ms)} to ${preciseClock(to_ms)}`;
    }
    case "identity.compared": {
      const { similarity, threshold } = payload as ComparedPayload;
      return `cosine similarity ${similarity.toFixed(2)} to the enrolled face; another face at ${threshold.toFixed(2)} or below`;
    }
    case "identity.retake":
      return "";
    case "step.checked": {
      const result = payload as StepResult;
      return parts(cardTitles[result.card], outcomeSentence(result));
    }
    case "step.verdict": {
      const { kind, verdict } = payload as VerdictPayload;
      return parts(cardTitles[kind], verdictWords[verdict].toLowerCase());
    }
    case "template.changed":
      return (payload as TemplatePayload).deleted === true ? "deleted" : "";
    case "template.kept": {
      const { from, frames } = payload as FaceTemplatePayload;
      return parts(originWords[from], frames > 0 ? `from ${count(frames, "picture")}` : "");
    }
    case "picture.kept": {
      const { picture, face, reason } = payload as ProfilePayload;
      return parts(`${picture.width} × ${picture.height} pixels`, face === undefined ? `not measured: ${plain(reason ?? "")}` : "its face was measured");
    }
    case "matches.looked_up": {
      const { compared, threshold, rounds, found } = payload as MatchesPayload;
      return parts(count(compared, "template"), `threshold ${threshold.toFixed(3)}`, `${count(list(rounds).length, "interview")} under the same name`, `${list(found).length} alike under another`);
    }
    case "matches.verdict": {
      const { verdict, similarity } = payload as MatchVerdictPayload;
      return parts(sameWords[verdict], `cosine similarity ${similarity.toFixed(2)}`);
    }
    case "part.deleted": {
      const p = payload as DeletionPayload;
      return `${partWords[p.part]}, ${reasonLabels[p.reason]}${p.policy ? ` (${p.policy})` : ""}: ${count(p.files, "file")}, ${count(p.texts, "text")}`;
    }
    case "deletion.requested": {
      const p = payload as RequestPayload;
      return `${list(p.parts ?? null).map((part) => partWords[part]).join(", ")}; to be answered by ${dateTime(p.due_ms ?? 0)}`;
    }
    case "policy.changed": {
      const p = payload as PolicyPayload;
      return `${p.policy}: ${count(p.days, "day")}, ${p.active ? "in force" : "switched off"}`;
    }
    case "interview.decided":
      return outcomeLabel((payload as OutcomePayload).outcome as Outcome);
    case "storage.plain":
    case "storage.sealed":
      return count((payload as StoragePayload).recordings, "recording");
    case "interview.sealed":
    case "export":
      return `${count((payload as CountPayload).entries, "entry", "entries")} before this one`;
    case "user.created":
    case "user.changed":
    case "user.sign_in": {
      const { user, roles, change, ok } = payload as UserPayload;
      const whom = user === "" ? "no such account" : people.get(user) ?? `account ${user.slice(0, 8)}`;
      return parts(whom, plain(change ?? ""), list(roles).join(" and "), ok === false ? "refused" : "");
    }
    case "key.rotated":
      return (payload as KeyPayload).lost === true ? "the one before was lost" : "";
    case "master_key.replaced":
      return count((payload as MasterKeyPayload).keys, "key is encrypted with the new one", "keys are encrypted with the new one");
    case "disk.low":
      return `${Math.round((payload as DiskPayload).free_bytes / 1e6)} MB free`;
    case "error": {
      const { where, code, count: affected } = payload as ErrorPayload;
      return parts(where, plain(code), affected === undefined ? "" : `${affected} affected`);
    }
    default:
      return "";
  }
}

/** partText is what a person typed or named, where it still exists; null where an entry has none. */
export function partText({ entry, part }: LogEntry, { people }: Names): string | null {
  if ((entry.part_sha256 ?? "") === "") return null;
  if (part === undefined || part === null) return "Deleted; the log keeps the proof that it was there.";
  if (typeof part !== "object") return String(part);
  return Object.entries(part)
    .filter(([, value]) => value !== "" && value !== null)
    .map(([name, value]) => {
      if (name === "text" || name === "label") return String(value);
      if (name.endsWith("_ms")) return `${plain(name.slice(0, -3))}: ${dateTime(Number(value))}`;
      return `${plain(name)}: ${valueText(value, people)}`;
    })
    .join("; ");
}

/** valueText writes a value of a part: names for identifiers, the texts of a list or table, and only the number of readings. */
function valueText(value: unknown, people: Names["people"]): string {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.values(value).map(String).join(" ");
  if (!Array.isArray(value)) return people.get(String(value)) ?? String(value);
  const told = value.map((one: unknown) => {
    if (typeof one !== "object" || one === null) return people.get(String(one)) ?? String(one);
    const text = "text" in one ? one.text : "name" in one ? one.name : "";
    return typeof text === "string" ? text : "";
  });
  return told.some((text) => text !== "") ? told.filter((text) => text !== "").join(", ") : String(value.length);
}

/** plain turns a word of a closed vocabulary into one for reading. */
function plain(word: string): string {
  return word.replaceAll("_", " ");
}
