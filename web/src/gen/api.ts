// Generated from the Go package api by server/tsgen; do not edit.
import type * as auth from "./auth";
import type * as evidence from "./evidence";
import type * as interview from "./interview";
import type * as retention from "./retention";

/** Problem is the body of every answer that is not a success. */
export interface Problem {
  /** "invalid", "not_found", "conflict", "unauthorized", "forbidden", "rate", "too_large", "internal" */
  code: string;
  /** which input was wrong */
  field?: string;
  /** a sentence for the person */
  message: string;
}

/** Health answers GET /healthz. */
export interface Health {
  /** "ok", or "failing" with status 503 */
  status: string;
  /** "ok", "failing" */
  database: string;
  /** "ok", "low" */
  disk: string;
  version: string;
}

/** ServerInfo answers GET /api/server: what a page needs before sign-in. */
export interface ServerInfo {
  setup_needed: boolean;
  policy: interview.RecordingPolicy;
  /** how long recordings are kept, shown in the lobby; 0 = until deleted by the operator */
  keep_days: number;
  /** who runs this server, for the consent text; "" if not configured */
  operator: string;
  /** served over HTTPS or on localhost, so that browsers open the camera */
  secure: boolean;
  disk_low: boolean;
  /** people can sign in with another identity provider, at /api/oidc */
  oidc: boolean;
  version: string;
  kinds: evidence.KindInfo[] | null;
}

/** SetupRequest is POST /api/setup: the first account. */
export interface SetupRequest {
  /** one-time, printed on the console */
  token: string;
  name: string;
  email: string;
  password: string;
}

/** SignInRequest is POST /api/session. */
export interface SignInRequest {
  email: string;
  password: string;
  /** of the second factor, where the account has one; "" at first */
  code: string;
}

/** Me answers GET /api/session, POST /api/session and POST /api/setup. */
export interface Me {
  user: User;
  permissions: auth.Permission[] | null;
  /** nothing is permitted before a second factor is set up */
  must_enrol: boolean;
}

/** User is an account without its secrets. */
export interface User {
  id: string;
  name: string;
  email: string;
  roles: auth.Role[] | null;
  active: boolean;
  created_ms: number;
  /** every sign-in asks for a code too */
  second_factor: boolean;
  /** an administrator requires it */
  second_required: boolean;
}

/** PersonChoice is a row of GET /api/people: somebody who can be chosen as an interviewer. */
export interface PersonChoice {
  id: string;
  name: string;
}

/** UserRequest is POST /api/users and, with the fields to change, PATCH /api/users/{id}. */
export interface UserRequest {
  name?: string;
  email?: string;
  password?: string;
  roles?: auth.Role[];
  active?: boolean;
  second_required?: boolean;
}

/** InterviewRequest is POST /api/interviews and PUT /api/interviews/{id}. */
export interface InterviewRequest {
  candidate_name: string;
  role: string;
  scheduled_ms: number;
  place: string;
  time_zone: string;
  interviewers: string[] | null;
  kinds_off: evidence.Kind[] | null;
}

/** InterviewPart is the deletable half of interview.created and .updated. */
export interface InterviewPart {
  candidate_name: string;
  role: string;
  scheduled_ms: number;
  place: string;
  time_zone: string;
  interviewers: string[] | null;
}

/** InterviewSummary is a row of GET /api/interviews?state=&q=&limit=&offset=. */
export interface InterviewSummary {
  interview: interview.Interview;
  interviewer_names: string[] | null;
  findings: number;
  unreviewed: number;
  /** of the candidate */
  recorded_ms: number;
}

/** InterviewList answers GET /api/interviews. */
export interface InterviewList {
  total: number;
  interviews: InterviewSummary[] | null;
}

/** InterviewDetail answers GET /api/interviews/{id}. */
export interface InterviewDetail {
  interview: interview.Interview;
  interviewer_names: string[] | null;
  participants: interview.Participant[] | null;
  links: interview.Link[] | null;
  /** null for one that was not */
  cancelled: Cancellation | null;
}

/** CancelRequest is POST /api/interviews/{id}/cancel: why a planned interview will not be held. */
export interface CancelRequest {
  /** 3 to 2000 characters; the candidate is not shown it */
  reason: string;
}

/** Cancellation is who cancelled an interview, when and why. */
export interface Cancellation {
  /** Unix ms */
  wall_ms: number;
  /** name, "" where the account is gone */
  by: string;
  /** "" where it was deleted */
  reason: string;
}

/** LinkRequest is POST /api/interviews/{id}/links. */
export interface LinkRequest {
  /** 1 to 720; 0 takes the server's default */
  valid_hours: number;
}

/** LinkCreated answers it: the only time that the secret is shown. */
export interface LinkCreated {
  link: interview.Link;
  /** /join#SECRET, absolute */
  url: string;
}

/** LobbyRequest is POST /api/lobby: a candidate's page before the socket opens. */
export interface LobbyRequest {
  link: string;
}

/** Lobby answers it. */
export interface Lobby {
  candidate_name: string;
  role: string;
  scheduled_ms: number;
  interviewer_names: string[] | null;
  state: interview.State;
  kinds_off: evidence.Kind[] | null;
}

/**
 * ReviewData answers GET /api/interviews/{id}/review: everything that the
 * review page shows beside the media.
 */
export interface ReviewData {
  interview: interview.Interview;
  participants: interview.Participant[] | null;
  segments: evidence.Segment[] | null;
  findings: evidence.Finding[] | null;
  coverage: evidence.Coverage[] | null;
  gaps: evidence.Gap[] | null;
  annotations: Annotation[] | null;
  questions: Question[] | null;
  /** the candidate's own words, oldest first */
  answers: CandidateAnswer[] | null;
  /** all decisions, oldest first; the last of a finding counts */
  reviews: Review[] | null;
  /** RunSheet is what was asked of the candidate, measured and judged. */
  run_sheet: evidence.RunSheet;
  /**
   * CheckRates are how often the automatic checks of cards were wrong when they
   * were measured.
   */
  check_rates: evidence.CheckRate[] | null;
  /** Series names the readings over time that are kept of the interview. */
  series: evidence.SeriesPayload[] | null;
  duration_ms: number;
  /** recordings are finished, and live findings are complete */
  ready: boolean;
}

/** Annotation is a note that somebody typed during the call. */
export interface Annotation {
  seq: number;
  at_ms: number;
  /** a name */
  by: string;
  text: string;
}

/** Question is a question mark. */
export interface Question {
  seq: number;
  at_ms: number;
  by: string;
  phase: evidence.QuestionPhase;
}

/** Review is a person's decision on a finding. */
export interface Review {
  seq: number;
  wall_ms: number;
  by: string;
  finding: string;
  decision: evidence.Decision;
  note: string;
}

/**
 * ReviewRequest is POST /api/interviews/{id}/reviews. A note is required for
 * "explained" and "dismissed".
 */
export interface ReviewRequest {
  finding: string;
  decision: evidence.Decision;
  note: string;
}

/**
 * Levels answers GET /api/interviews/{id}/levels/{participant}: the loudness
 * of a participant's microphone over the whole interview.
 */
export interface Levels {
  step_ms: number;
  /** one value a step from interview time 0; -100 where there is no sound */
  dbfs: number[] | null;
}

/**
 * Receipt answers GET /api/interviews/{id}/receipt and, for the candidate,
 * POST /api/lobby/receipt with a LobbyRequest: the signed checkpoint that closed
 * the interview's log, to be saved as a file and shown to the checking program.
 */
export interface Receipt {
  /** false while the interview's log is not closed; ask again */
  ready: boolean;
  /** name to save it under */
  file: string;
  /** the file's content */
  text: string;
  /** entries of the log that it covers */
  size: number;
  /** when it was signed */
  wall_ms: number;
}

/**
 * LogPage answers GET /api/interviews/{id}/log?after=&limit= and, for the
 * entries of no interview, GET /api/log?after=&limit=. With &newest=true it
 * holds the last entries, in order, and no next page.
 */
export interface LogPage {
  entries: LogEntry[] | null;
  /** pass as after; 0 at the end */
  next: number;
}

/** LogEntry is an entry with the names a reader needs and its part, if kept. */
export interface LogEntry {
  entry: evidence.Entry;
  part?: unknown;
  /** the actor's name where known */
  by: string;
}

/** TemplateRequest is POST /api/templates and PUT /api/templates/{template}. */
export interface TemplateRequest {
  name: string;
  roles: string[] | null;
  cards: interview.TemplateCard[] | null;
}

/** TemplateList answers GET /api/templates: the default one first. */
export interface TemplateList {
  templates: interview.Template[] | null;
  /** Limits is the usual time limit of each kind of card, in seconds. */
  limits: Partial<Record<evidence.CardKind, number>> | null;
}

/** PlaceChoice is a row of GET /api/places: the reference place of a time zone. */
export interface PlaceChoice {
  zone: string;
  /** "Lisbon, Portugal" */
  label: string;
  /** "Portugal (mainland)"; "" if there is none */
  comment: string;
}

/**
 * VerdictRequest is POST /api/interviews/{id}/verdicts: an interviewer's
 * judgement of a step that they gave none of during the call, or another one.
 */
export interface VerdictRequest {
  step: string;
  verdict: evidence.Verdict;
  /** required for documents */
  note: string;
}

/**
 * PlayedRequest is POST /api/interviews/{id}/played: what the review page's
 * player has played since it last told.
 */
export interface PlayedRequest {
  spans: evidence.Span[] | null;
}

/**
 * AccessHistory answers GET /api/interviews/{id}/access: who saw what of the
 * record, newest first.
 */
export interface AccessHistory {
  lines: AccessLine[] | null;
  /** what each person played in all */
  played: PersonPlayed[] | null;
}

/** AccessLine is one visit, refusal, report of playing, or export. */
export interface AccessLine {
  /** of the entry */
  seq: number;
  wall_ms: number;
  kind: evidence.EntryKind;
  /** "user", "participant" (the candidate), "command" (on the server's console) */
  actor: string;
  /** a name; "" where there is none */
  by: string;
  /** of the account at that time, where known; of an export, those that it has now */
  roles: string[] | null;
  what: evidence.AccessWhat;
  /** which file or picture; "" otherwise */
  object: string;
  /** played; empty otherwise */
  spans: evidence.Span[] | null;
}

/** PersonPlayed is the union of what one person played. */
export interface PersonPlayed {
  by: string;
  spans: evidence.Span[] | null;
}

/**
 * RecordQuery is the search of GET /api/records and what POST /api/searches
 * keeps of one; the fields are the names of the query's parameters too. Every
 * criterion that is not empty must fit.
 */
export interface RecordQuery {
  /** words of the candidate's name, or the interview's identifier */
  person: string;
  /** words of the position */
  role: string;
  /** words of an interviewer's name */
  interviewer: string;
  /** words of notes, decisions and answers; in quotes for a phrase */
  text: string;
  /** scheduled at or after, Unix ms; 0 for any */
  from: number;
  /** scheduled before, Unix ms; 0 for any */
  to: number;
  /** "" for any */
  state: interview.State;
  /** "" for any, "none" without one */
  outcome: string;
  /** has a finding of this kind; "" for any */
  kind: evidence.Kind;
  /** "held", "free" or "" */
  hold: string;
  /** something is to be deleted before, Unix ms; 0 for any */
  due: number;
  /** "holds", "differs", "unchecked" or "" */
  check: string;
}

/** RecordList answers GET /api/records. */
export interface RecordList {
  /** that fit; at most 10000 are counted */
  total: number;
  /** there are more than were counted */
  more: boolean;
  records: FoundRecord[] | null;
}

/** FoundRecord is one record that a search found. */
export interface FoundRecord {
  summary: InterviewSummary;
  /** "" while nobody decided */
  outcome: string;
  decided_ms: number;
  held: boolean;
  /** when something of it is to be deleted; 0 for never */
  due_ms: number;
  /** of the last verification: "holds", "differs", "unchecked" */
  check: string;
  /** 0 before the first */
  checked_ms: number;
  /** texts that the search found, a few */
  hits: RecordHit[] | null;
}

/** RecordHit is a text in which a search found its words. */
export interface RecordHit {
  seq: number;
  kind: evidence.EntryKind;
  at_ms?: number;
  text: string;
}

/**
 * SavedSearch is a search that a person keeps: a row of GET /api/searches, and
 * the answer of POST.
 */
export interface SavedSearch {
  id: string;
  name: string;
  query: RecordQuery;
  created_ms: number;
}

/** SaveSearchRequest is POST /api/searches. */
export interface SaveSearchRequest {
  name: string;
  query: RecordQuery;
}

/** VerifyRequest is POST /api/verification. */
export interface VerifyRequest {
  /** whose files are compared; "" for those of all */
  interview: string;
}

/**
 * Verification answers GET and POST /api/verification: the one that is under
 * way, or the last one since the server started.
 */
export interface Verification {
  /** "never", "running", "done", "failed" */
  state: string;
  /** "" for all */
  interview: string;
  /** "log" or "files", while running */
  phase: string;
  /** entries, or bytes of files */
  done: number;
  /** of them */
  total: number;
  /** Unix ms */
  started_ms: number;
  /** 0 while running */
  finished_ms: number;
  /** of the log */
  entries: number;
  /** of the log's tree, base64 */
  root: string;
  /** that were compared */
  files: number;
  /** that were deleted by an entry that says so */
  gone: number;
  /** what does not hold, in plain words */
  faults: string[] | null;
  /** faults beyond those */
  unnamed: number;
  /** why it could not be finished */
  error: string;
}

/**
 * RecordCheck answers GET /api/interviews/{id}/check: what the last
 * verification found of one record.
 */
export interface RecordCheck {
  /** "holds", "differs", "unchecked" */
  check: string;
  checked_ms: number;
  faults: string[] | null;
}

/**
 * CandidateRecord answers POST /api/candidate, a LobbyRequest: what a
 * candidate may know of their own record.
 */
export interface CandidateRecord {
  candidate_name: string;
  role: string;
  /** "" if not configured */
  operator: string;
  /** of the interview */
  state: string;
  scheduled_ms: number;
  /** 0 before */
  started_ms: number;
  /** 0 while not ended */
  ended_ms: number;
  /** something keeps the record from being deleted */
  held: boolean;
  parts: CandidatePart[] | null;
  /** every answer, oldest first */
  consents: CandidateConsent[] | null;
  /** who saw it, newest first */
  views: CandidateView[] | null;
  findings_shown: boolean;
  /** empty unless shown */
  findings: CandidateFinding[] | null;
  /** what they wrote themselves */
  answers: CandidateAnswer[] | null;
  requests: CandidateDeletion[] | null;
}

/** CandidatePart is one part of a record: whether it exists, and until when. */
export interface CandidatePart {
  part: evidence.RecordPart;
  title: string;
  description: string;
  /** recordings, pictures or texts that exist */
  count: number;
  /** of recordings that exist; 0 for other parts */
  length_ms: number;
  /** when it is deleted by a rule; 0 where no rule says */
  due_ms: number;
  /** why it is still kept, in sentences */
  why: string[] | null;
  deleted_ms: number;
}

/** CandidateConsent is one answer to a consent, with the words that were shown. */
export interface CandidateConsent {
  wall_ms: number;
  consent: evidence.Consent;
  granted: boolean;
  /** "" where it was not kept, or was deleted */
  text: string;
}

/** CandidateView is one line of who saw the record. */
export interface CandidateView {
  wall_ms: number;
  kind: evidence.EntryKind;
  /** a name, where the operator allows it; "" otherwise */
  by: string;
  /** of whoever it was */
  roles: string[] | null;
  /** the candidate themselves */
  you: boolean;
  /** a command on the server, which only its operator can give */
  command: boolean;
  what: evidence.AccessWhat;
  spans: evidence.Span[] | null;
}

/** CandidateFinding is a finding as the candidate sees it, with what people decided. */
export interface CandidateFinding {
  id: string;
  title: string;
  description: string;
  limits: string;
  start_ms: number;
  end_ms: number;
  values: evidence.Measure[] | null;
  /** of the signal, 0 to 1 */
  quality: number;
  /** an evidence.Decision, of the last review; "" without one */
  decision: string;
}

/**
 * CandidateAnswer is what a candidate wrote about a finding, or with "" about
 * the interview as a whole. Reviewers see it beside the finding.
 */
export interface CandidateAnswer {
  seq: number;
  wall_ms: number;
  finding: string;
  /** "" where it was deleted */
  text: string;
}

/** CandidateDeletion is a request for deletion and what became of it. */
export interface CandidateDeletion {
  created_ms: number;
  /** until when it is to be answered */
  due_ms: number;
  parts: evidence.RecordPart[] | null;
  /** "open", "fulfilled", "refused" */
  state: string;
  closed_ms: number;
  answer: string;
}

/** CandidateAnswerRequest is POST /api/candidate/answers. */
export interface CandidateAnswerRequest {
  link: string;
  /** "" for the interview as a whole */
  finding: string;
  text: string;
}

/** CandidateDeletionRequest is POST /api/candidate/deletions. */
export interface CandidateDeletionRequest {
  link: string;
  parts: evidence.RecordPart[] | null;
  /** may be empty */
  text: string;
}

/** OwnAccount answers GET /api/account. */
export interface OwnAccount {
  user: User;
  /** recovery codes that were not used */
  recovery_left: number;
}

/** PasswordChange is POST /api/account/password. */
export interface PasswordChange {
  present: string;
  password: string;
}

/** OwnPassword is POST /api/account/second and /api/account/second/remove. */
export interface OwnPassword {
  present: string;
}

/**
 * SecondBegun answers POST /api/account/second: the only time that the secret
 * is shown.
 */
export interface SecondBegun {
  /** base32, to be typed */
  secret: string;
  /** otpauth://… */
  uri: string;
  /** the same as a picture, SVG */
  qr: string;
}

/** SecondConfirm is POST /api/account/second/confirm. */
export interface SecondConfirm {
  code: string;
}

/** RecoveryCodes answers it: the only time that they are shown. */
export interface RecoveryCodes {
  codes: string[] | null;
}

/**
 * SeriesData answers GET /api/interviews/{id}/series?name=&run=&from=&to=&points=:
 * readings over time of the names asked for.
 */
export interface SeriesData {
  lines: SeriesLine[] | null;
}

/**
 * SeriesLine is what there is of one signal, put together from the pieces in
 * which it was kept. Where points were asked for, a long line is thinned out:
 * of each stretch the lowest and the highest reading stay, and a reason.
 */
export interface SeriesLine {
  participant: string;
  source: string;
  run: string;
  name: string;
  unit: string;
  points: evidence.SeriesPoint[] | null;
  /** to draw across, such as thresholds */
  levels: evidence.Measure[] | null;
  marks: evidence.SeriesMark[] | null;
}

/**
 * FacesData is what is shown of the comparison of faces: whom later faces were
 * compared with, and pictures of what was compared.
 */
export interface FacesData {
  /** in order; a later one replaces those before */
  enrolled: EnrolledFace[] | null;
  /** by time */
  compared: ComparedFace[] | null;
  /** Picture is the profile picture that somebody added; null without. */
  picture: ProfilePicture | null;
}

/** ProfilePicture is the newest profile picture of a record. */
export interface ProfilePicture {
  seq: number;
  wall_ms: number;
  /** who added it */
  by: string;
  deleted: boolean;
  profile: evidence.ProfilePayload;
}

/** EnrolledFace is an entry about who was enrolled. */
export interface EnrolledFace {
  seq: number;
  enrolled: evidence.EnrolledPayload;
}

/** ComparedFace is an entry about a comparison. */
export interface ComparedFace {
  seq: number;
  compared: evidence.ComparedPayload;
}

/**
 * Matches answers GET /api/interviews/{id}/matches: how alike the candidate's
 * face is to those of other interviews. Every likeness is a question to people.
 */
export interface Matches {
  /** what is compared; null where there is nothing */
  probe: MatchFace | null;
  /** why there is nothing; "" otherwise */
  why: MatchGap;
  rounds: MatchRound[] | null;
  search: MatchSearch;
  /** people's, oldest first */
  verdicts: MatchVerdict[] | null;
  /** of the model; zero where nothing is compared */
  rates: MatchRates;
}

/**
 * MatchRates is how often comparisons of faces were wrong when the model was
 * measured. All are shares, 0 to 1, of pairs of pictures.
 */
export interface MatchRates {
  /** of two people, at or above the threshold of rounds */
  round_false: number;
  /** of one person, below it */
  round_missed: number;
  /** of two people at or above it, in the source of pictures with the most */
  far_off: number;
  /** of one person, below the threshold of the search */
  search_missed: number;
}

/**
 * MatchGap says why something was not compared. None of them says anything
 * about the candidate.
 */
export type MatchGap = "" | "not_asked" | "no_consent" | "deleted" | "not_kept" | "other_model" | "no_rates" | "unreadable" | "no_picture" | "unmeasured";

/** MatchFace is a template, with a picture of it where one was kept. */
export interface MatchFace {
  template: string;
  interview: string;
  from: evidence.TemplateFrom;
  frames: number;
  /** SHA-256; "" without */
  still: string;
}

/** MatchRound is one interview under the same name, this one included. */
export interface MatchRound {
  interview: string;
  role: string;
  scheduled_ms: number;
  this: boolean;
  /** the face that was enrolled in it */
  enrolled: MatchCell;
  /** the portrait of the document shown in it */
  document: MatchCell;
  /** the profile picture that somebody added to it */
  picture: MatchCell;
}

/** MatchCell is one comparison with what is compared, or why there is none. */
export interface MatchCell {
  /** null without */
  face: MatchFace | null;
  /** SHA-256 of a picture to be shown, which there may be without a template; "" without */
  still: string;
  why: MatchGap;
  /** between the eyes of a profile picture; 0 where that is not known */
  eyes_px: number;
  /** this is what is compared */
  itself: boolean;
  /** cosine; of no meaning with Why or Itself */
  similarity: number;
  /** "alike", "unsure", "unlike"; "" without */
  result: string;
  threshold: number;
  /** below it: unlike */
  unsure_from: number;
  /** from it on: alike */
  unsure_to: number;
}

/** MatchSearch is the search for the same face under another name. */
export interface MatchSearch {
  /** it needs a face that was enrolled in this interview */
  ran: boolean;
  threshold: number;
  /** share of pairs of two people at or above it */
  false_matches: number;
  /** templates */
  compared: number;
  /** other people's templates that such a search finds by chance */
  expected: number;
  /** more than the model is good for */
  too_large: boolean;
  /** pictures that the rate was measured on; beyond it is an extrapolation */
  measured: number;
  found: MatchFound[] | null;
}

/** MatchFound is a face under another name that is alike. */
export interface MatchFound {
  face: MatchFace;
  candidate_name: string;
  role: string;
  scheduled_ms: number;
  similarity: number;
}

/** MatchVerdictRequest is POST /api/interviews/{id}/matches/verdicts. */
export interface MatchVerdictRequest {
  /** of the other interview */
  template: string;
  verdict: evidence.SameFace;
  /** needed unless unsure */
  note: string;
}

/** MatchVerdict is what a person said of two pictures. */
export interface MatchVerdict {
  seq: number;
  wall_ms: number;
  by: string;
  template: string;
  interview: string;
  similarity: number;
  verdict: evidence.SameFace;
  note: string;
}

/**
 * PartFate is a part of a record: what exists of it, what becomes of it, why
 * it still exists, and when it was deleted.
 */
export interface PartFate extends retention.Fate {
  exists: boolean;
  /** recordings or pictures */
  files: number;
  /** of all its files, as they lie on the disk */
  bytes: number;
  /** texts and readings beside entries */
  texts: number;
  /** of the texts alone: what administrators wrote about holding and deleting; no content, but goes with the texts */
  reasons: number;
  deleted: DeletedPart[] | null;
}

/** DeletedPart is an earlier deletion of a part. */
export interface DeletedPart {
  /** of the entry */
  seq: number;
  wall_ms: number;
  reason: evidence.DeletionReason;
  policy: string;
  files: number;
  texts: number;
  /** false until keys and files are gone too */
  done: boolean;
}

/** RecordHold is a legal hold. */
export interface RecordHold {
  id: string;
  interview: string;
  candidate: string;
  reason: string;
  /** name */
  owner: string;
  created_ms: number;
  /** 0 while it holds */
  released_ms: number;
  /** name */
  released_by: string;
}

/** RecordRequest is a wish that parts of a record be deleted. */
export interface RecordRequest {
  id: string;
  interview: string;
  candidate: string;
  parts: evidence.RecordPart[] | null;
  text: string;
  created_ms: number;
  due_ms: number;
  /** "open", "fulfilled", "refused" */
  state: string;
  closed_ms: number;
  /** name */
  closed_by: string;
  answer: string;
  /** a hold keeps it from being fulfilled */
  held: boolean;
}

/** RecordRetention answers GET /api/interviews/{id}/retention. */
export interface RecordRetention {
  /** "" while nobody decided */
  outcome: interview.Outcome;
  decided_ms: number;
  parts: PartFate[] | null;
  holds: RecordHold[] | null;
  requests: RecordRequest[] | null;
  policies: PolicyName[] | null;
}

/** PolicyName names a policy for people. */
export interface PolicyName {
  id: string;
  name: string;
}

/** Retention answers GET /api/retention. */
export interface Retention {
  policies: retention.Policy[] | null;
  parts: evidence.PartInfo[] | null;
  holds: RecordHold[] | null;
  requests: RecordRequest[] | null;
  /** the soonest first, at most 200 */
  upcoming: UpcomingDeletion[] | null;
  /** the time of this answer, which dates are compared with */
  swept_ms: number;
}

/** UpcomingDeletion is what goes of a record, and when. */
export interface UpcomingDeletion {
  interview: string;
  candidate: string;
  role: string;
  part: evidence.RecordPart;
  due_ms: number;
  /** name */
  policy: string;
}

/**
 * HoldRequest is POST /api/interviews/{id}/holds and, to release one,
 * POST /api/interviews/{id}/holds/{hold}/release.
 */
export interface HoldRequest {
  reason: string;
}

/** OutcomeRequest is POST /api/interviews/{id}/outcome. */
export interface OutcomeRequest {
  outcome: interview.Outcome;
  note: string;
}

/**
 * DeletePartRequest is POST /api/interviews/{id}/deletions. Confirm repeats the
 * candidate's name as the interview has it, so that nobody deletes by a slip.
 */
export interface DeletePartRequest {
  parts: evidence.RecordPart[] | null;
  reason: string;
  confirm: string;
}

/**
 * AskDeletionRequest is POST /api/interviews/{id}/requests: a wish that came by
 * letter or word of mouth.
 */
export interface AskDeletionRequest {
  parts: evidence.RecordPart[] | null;
  text: string;
}

/**
 * RequestAnswer is POST /api/retention/requests/{request}/answer. Fulfilling
 * deletes the parts that were asked for.
 */
export interface RequestAnswer {
  fulfil: boolean;
  answer: string;
}

export const GapNone: MatchGap = "";
export const GapNotAsked: MatchGap = "not_asked";
export const GapNoConsent: MatchGap = "no_consent";
export const GapDeleted: MatchGap = "deleted";
export const GapNotKept: MatchGap = "not_kept";
export const GapOtherModel: MatchGap = "other_model";
export const GapNoRates: MatchGap = "no_rates";
export const GapUnreadable: MatchGap = "unreadable";
export const GapNoPicture: MatchGap = "no_picture";
export const GapUnmeasured: MatchGap = "unmeasured";
