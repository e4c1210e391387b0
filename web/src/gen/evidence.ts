// Generated from the Go package evidence by server/tsgen; do not edit.

/** Kind names what was measured, never a verdict. */
export type Kind = "face.absent" | "face.multiple" | "face.too_small" | "face.looks_over" | "liveness.replay" | "identity.mismatch" | "identity.changed" | "gaze.reading" | "gaze.off_screen" | "speech.latency" | "speech.pause" | "speech.lips_still" | "speech.lips_offset" | "camera.off" | "media.frozen" | "stream.virtual_device" | "stream.device_changed" | "stream.settings" | "stream.repeated" | "stream.frame_times" | "client.hidden" | "client.window" | "client.screens" | "client.clipboard" | "client.clock" | "network.path";

/** Consent names one thing a participant is asked to agree to. */
export type Consent = "recording" | "face" | "gaze" | "speech" | "templates";

/**
 * Severity orders findings for display. It says how soon a person should look,
 * never how guilty somebody is.
 */
export type Severity = "info" | "notice" | "attention";

/** KindInfo describes a kind to people and to the parts that gate it. */
export interface KindInfo {
  kind: Kind;
  /** a short noun phrase */
  title: string;
  /** what was measured, in one sentence */
  description: string;
  /** what it cannot tell, innocent causes */
  limits: string;
  /** of the value that is thresholded; "" where its name says all */
  unit: string;
  severity: Severity;
  /** "" where nothing biometric is computed */
  consent: Consent;
}

/** Observation is one reading at one instant, the input of the segmenter. */
export interface Observation {
  kind: Kind;
  /** interview time */
  at_ms: number;
  /** in the kind's unit */
  value: number;
  /** 0 (useless) to 1 of the signal it was read from */
  quality: number;
  /**
   * Reason says why nothing could be measured at this instant; the Value of
   * such an observation has no meaning. Empty means measured.
   */
  reason?: Reason;
}

/** Reason says why something could not be measured or did not run. */
export type Reason = "dark" | "blur" | "face_small" | "bright" | "no_face" | "face_turned" | "face_cut" | "face_covered" | "glare" | "few_frames" | "too_short" | "listening" | "unsteady" | "no_baseline" | "damaged" | "packet_loss" | "camera_off" | "muted" | "new_device" | "no_speech" | "others_speak" | "unclear" | "overload" | "no_consent" | "switched_off" | "outage" | "disconnected" | "still" | "not_available" | "not_found" | "other_shown" | "challenge" | "check_digit" | "many_faces";

/** Measure is one number behind a finding. */
export interface Measure {
  /** e.g. "faces (max)" */
  name: string;
  value: number;
  unit?: string;
  /** what it was compared with; 0 with Compare "" */
  threshold?: number;
  /** ">=", "<=": how; "" for context only */
  compare?: string;
}

/** ModelRef names the exact model file that a measurement came from. */
export interface ModelRef {
  name: string;
  /** lower-case hex of the file */
  sha256: string;
}

/** Still is a picture kept with a finding; the bytes are stored under their hash. */
export interface Still {
  at_ms: number;
  /** of the JPEG file */
  sha256: string;
  width: number;
  height: number;
}

/** Finding is an interval over which observations of one kind held. */
export interface Finding {
  id: string;
  interview: string;
  participant: string;
  /** media source it was measured on, e.g. "camera" */
  source: string;
  run: string;
  kind: Kind;
  severity: Severity;
  start_ms: number;
  /** last instant at which it held; grows while Open */
  end_ms: number;
  open: boolean;
  values: Measure[] | null;
  /** mean signal quality, 0 to 1 */
  quality: number;
  /** observations it rests on */
  samples: number;
  models?: ModelRef[];
  stills?: Still[];
}

/** CoverageState tells the three cases apart that must never be confused. */
export type CoverageState = "measured" | "not_measurable" | "not_run";

/**
 * Coverage says for an interval whether a kind was measured. Intervals of one
 * run, participant and kind neither overlap nor leave holes between the first
 * and the last.
 */
export interface Coverage {
  interview: string;
  participant: string;
  source: string;
  run: string;
  kind: Kind;
  state: CoverageState;
  /** never empty unless measured */
  reason?: Reason;
  start_ms: number;
  end_ms: number;
  samples: number;
  /**
   * SlowedTo is set where the analysis could not keep up and therefore looked
   * at fewer pictures than it should, evenly spaced: how many it looked at per
   * second. 0 means as many as it should.
   */
  slowed_to?: number;
}

/** Segment is one finished piece of a participant's recording. */
export interface Segment {
  interview: string;
  participant: string;
  /** "camera" (with microphone) or "screen" (with its audio) */
  stream: string;
  /** 1, 2, … in order of time */
  n: number;
  /** slash path below the recordings folder */
  file: string;
  start_ms: number;
  end_ms: number;
  bytes: number;
  /** of the finished file */
  sha256: string;
  has_video: boolean;
  has_audio: boolean;
  /** finished by a later start, after a crash */
  repaired?: boolean;
}

/** Gap is a hole in received media. */
export interface Gap {
  participant: string;
  source: string;
  start_ms: number;
  end_ms: number;
  /** known missing; 0 where nothing arrived at all */
  packets: number;
  /** "loss", "silence_on_wire", "queue", "write", "disconnected" */
  cause: string;
}

/** EntryKind names a line of the log. */
export type EntryKind = "interview.created" | "interview.updated" | "interview.started" | "interview.ended" | "interview.decided" | "interview.cancelled" | "link.created" | "link.revoked" | "participant.joined" | "participant.waiting" | "participant.admitted" | "participant.left" | "consent" | "track.published" | "track.ended" | "track.mute" | "device.changed" | "recording.started" | "recording.segment" | "recording.repaired" | "recording.failed" | "media.gap" | "analysis.started" | "analysis.outage" | "analysis.finished" | "finding" | "coverage" | "annotation" | "question" | "review" | "disk.low" | "server.started" | "server.draining" | "user.created" | "user.changed" | "user.sign_in" | "interview.sealed" | "export" | "key.rotated" | "master_key.replaced" | "error" | "series" | "client.fact" | "identity.enrolled" | "identity.compared" | "identity.retake" | "step.checked" | "step.started" | "step.ended" | "step.verdict" | "cards.drawn" | "cards.deviation" | "template.changed" | "access.viewed" | "access.played" | "access.refused" | "access.listed" | "log.verified" | "finding.answered" | "part.deleted" | "hold.placed" | "hold.released" | "deletion.requested" | "deletion.fulfilled" | "deletion.refused" | "policy.changed" | "storage.plain" | "storage.sealed" | "template.kept" | "matches.looked_up" | "matches.verdict" | "picture.kept";

/** Actor says who caused an entry, by identifier, never by name. */
export interface Actor {
  /** "user", "participant", "system", "command" */
  type: string;
  id?: string;
}

/** NewEntry is what a caller asks the log to append. */
export interface NewEntry {
}

/** Entry is one line of the log as it was stored. */
export interface Entry {
  /** 1, 2, …: position in the log */
  seq: number;
  v: number;
  interview?: string;
  /** Unix milliseconds by the server's clock */
  wall_ms: number;
  at_ms?: number;
  actor: Actor;
  kind: EntryKind;
  payload: unknown;
  /**
   * PartSHA256 commits to the part: hex of SHA-256(salt || part bytes). It
   * stays when the part and its salt are deleted, and then reveals nothing.
   */
  part_sha256?: string;
}

/**
 * InterviewPayload goes with interview.created, .updated, .started, .ended
 * and .cancelled, why of which is a NotePart.
 */
export interface InterviewPayload {
  kinds_off?: Kind[];
  /** "hangup", "drain", "timeout", "crash" */
  reason?: string;
}

/** LinkPayload goes with link.created and link.revoked. */
export interface LinkPayload {
  /** identifier, not the secret */
  link: string;
  expires_ms?: number;
}

/** ParticipantPayload goes with participant.* entries. */
export interface ParticipantPayload {
  participant: string;
  role: string;
  /** why left: "leave", "disconnected", "removed", "cancelled", "drain", "crash" */
  reason?: string;
  rejoined?: boolean;
}

/** ConsentPayload records a decision about one consent. */
export interface ConsentPayload {
  participant: string;
  consent: Consent;
  granted: boolean;
  /** had been granted before */
  withdrawn?: boolean;
  /** of the consent text that was shown, which is a NotePart */
  text_sha256?: string;
}

/** TrackPayload goes with track.published, track.ended and track.mute. */
export interface TrackPayload {
  participant: string;
  source: string;
  track?: string;
  muted?: boolean;
}

/** DevicePayload says that a capture device changed; its label is the part. */
export interface DevicePayload {
  participant: string;
  source: string;
  width?: number;
  height?: number;
  frame_rate?: number;
}

/** DevicePart is the deletable half of a device change. */
export interface DevicePart {
  label: string;
}

/** RecordingPayload goes with recording.started, .failed and .repaired. */
export interface RecordingPayload {
  participant: string;
  stream: string;
  n: number;
  /** closed vocabulary: "disk_full", "write_failed" */
  error?: string;
  lost_bytes?: number;
}

/** AnalysisPayload goes with analysis.* entries. */
export interface AnalysisPayload {
  run: string;
  participant?: string;
  start_ms?: number;
  end_ms?: number;
  reason?: string;
  models?: ModelRef[];
  findings?: number;
}

/** NotePart is free text that a person typed. */
export interface NotePart {
  text: string;
}

/** AnnotationPayload marks an instant; the text is a NotePart. */
export interface AnnotationPayload {
  id: string;
}

/** QuestionPhase says what an interviewer's question mark stands for. */
export type QuestionPhase = "asked" | "answer";

/** QuestionPayload is a question mark. */
export interface QuestionPayload {
  phase: QuestionPhase;
}

/** Decision is a person's judgement of one finding. */
export type Decision = "confirmed" | "explained" | "dismissed";

/** ReviewPayload is a decision on a finding; the note is a NotePart. */
export interface ReviewPayload {
  finding: string;
  decision: Decision;
}

/** UserPayload goes with user.* entries. */
export interface UserPayload {
  user: string;
  roles?: string[];
  /** "name", "password", "roles", "deactivated", "activated", "second_factor", "second_factor_removed", "second_factor_required", "second_factor_optional", "recovery_code" */
  change?: string;
  ok?: boolean;
}

/**
 * CountPayload goes with interview.sealed and export. It says how many entries
 * of the interview came before this one, so that a copy from which one was
 * left out can be told from a whole one.
 */
export interface CountPayload {
  entries: number;
}

/**
 * KeyPayload goes with key.rotated: the new key that signs checkpoints of the
 * log, as name+fingerprint+base64.
 */
export interface KeyPayload {
  key: string;
  /** the key before it was lost and did not sign */
  lost?: boolean;
}

/** MasterKeyPayload goes with master_key.replaced. */
export interface MasterKeyPayload {
  /** of parts, which are encrypted with the new one since */
  keys: number;
}

/** ErrorPayload is a fault of our own that somebody should know of. */
export interface ErrorPayload {
  /** package or operation */
  where: string;
  code: string;
  /** how many were affected, e.g. entries that are missing */
  count?: number;
}

/** DiskPayload goes with disk.low. */
export interface DiskPayload {
  free_bytes: number;
  threshold_bytes: number;
}

/**
 * SeriesPayload goes with series entries: a stretch of readings of one signal,
 * kept so that people see what findings rest on and where nothing could be
 * measured. The readings themselves are the part, a SeriesPart, for they tell
 * of a person's face or voice and can be deleted.
 */
export interface SeriesPayload {
  interview: string;
  participant: string;
  /** media source, e.g. "camera" */
  source: string;
  run: string;
  /** e.g. "identity.similarity", "gaze.horizontal", "signal.loss" */
  name: string;
  start_ms: number;
  end_ms: number;
  /** of the readings */
  count: number;
}

/** SeriesPart is the deletable half of a series entry. */
export interface SeriesPart {
  unit: string;
  points: SeriesPoint[] | null;
  /** Lines are levels to draw across, such as thresholds. */
  lines?: Measure[];
  /** Marks are stretches to point out, such as return sweeps. */
  marks?: SeriesMark[];
}

/** SeriesPoint is one reading. With a Reason the value could not be measured. */
export interface SeriesPoint {
  t: number;
  v: number;
  /** 0 to 1; 0 where the signal has none */
  q?: number;
  r?: Reason;
}

/** SeriesMark names a stretch of a series. */
export interface SeriesMark {
  start_ms: number;
  end_ms: number;
  name: string;
}

/**
 * Series is a stretch of readings with all that is known of it. As JSON both
 * halves lie side by side, so no name may be in both.
 */
export interface Series extends SeriesPayload, SeriesPart {
}

/**
 * FactKind names what a participant's page told of itself. Facts are told, not
 * measured: they say what a browser reported, and no more.
 */
export type FactKind = "device" | "visible" | "focus" | "window" | "clipboard" | "network" | "clock";

/** FactPart is the deletable half of a fact: what names a device or a network. */
export interface FactPart {
  /** of a device */
  label?: string;
  /** of the browser's end of the path, where it tells */
  address?: string;
  /** IANA name */
  time_zone?: string;
}

/**
 * FactPayload goes with client.fact: numbers and words of closed vocabularies.
 * Which fields are set is said with the kinds; those that a browser did not
 * tell are 0 or empty.
 */
export interface FactPayload {
  participant: string;
  fact: FactKind;
  source?: string;
  state?: string;
  /** Of a device: what the browser says of it. */
  width?: number;
  height?: number;
  frame_rate?: number;
  /** its name is that of a program that makes pictures or sound */
  virtual?: boolean;
  /** it took the place of another */
  changed?: boolean;
  /** Of the window. */
  screens?: number;
  /** Of the network: how the page reaches the server. */
  family?: string;
  /** "udp" or "tcp" */
  protocol?: string;
  rtt_ms?: number;
  /** for which the page holds others' sound back before it is heard */
  playout_ms?: number;
  /** of the packets to the page since the last fact, 0 to 1 */
  lost_share?: number;
  /**
   * Of the clock, by the server's: OffsetMS is by how much the browser's is
   * ahead; minutes east of UTC of the browser's zone and of the claimed place's.
   */
  offset_ms?: number;
  zone_min?: number;
  claimed_zone_min?: number;
}

/**
 * VerifiedPayload goes with log.verified. It belongs to an interview where
 * only its files were compared, and to none where all were.
 */
export interface VerifiedPayload {
  /** of the log */
  entries: number;
  /** recordings and pictures that were read */
  files: number;
  /** files that were deleted by an entry that says so */
  gone: number;
  /** what did not hold */
  faults: number;
}

/** AccessWhat names what was seen of a record. */
export type AccessWhat = "interview" | "review" | "recording" | "still" | "log" | "matches" | "bundle" | "candidate" | "other";

/**
 * AccessPayload goes with access.viewed and access.refused. One entry stands
 * for a visit: further requests for the same thing by the same person within
 * minutes add none.
 */
export interface AccessPayload {
  what: AccessWhat;
  /** which: the name of the media file, or the SHA-256 of the picture */
  object?: string;
  /** of the account at that time */
  roles?: string[];
}

/** Span is an interval of interview time. */
export interface Span {
  start_ms: number;
  end_ms: number;
}

/**
 * PlayedPayload goes with access.played: what one person's player played since
 * it last said so, as it said.
 */
export interface PlayedPayload {
  roles?: string[];
  /** in order, neither overlapping nor touching */
  spans: Span[] | null;
}

/** ListedPayload goes with access.listed. */
export interface ListedPayload {
  /** "csv", "json" */
  format: string;
  rows: number;
  roles?: string[];
}

/**
 * AnswerPayload goes with finding.answered; the words are a NotePart. They
 * stand beside the finding and change nothing of it.
 */
export interface AnswerPayload {
  finding: string;
}

/** CardKind names what a card of the run-sheet asks the candidate to do. */
export type CardKind = "show_id" | "hand_across_face" | "turn_left" | "turn_right" | "finger_on_cheek" | "look_up" | "stand_back" | "window_view" | "spoken_code" | "question";

/**
 * StepOutcome is what the automatic check of a step saw: of compliance with
 * what was asked, never of identity or honesty.
 */
export type StepOutcome = "done" | "not_seen" | "not_measurable" | "not_checked" | "cannot_comply";

/** StepOrder tells the analysis that a step begins. */
export interface StepOrder {
  /** identifier, unique within the interview */
  step: string;
  card: CardKind;
  /** after which the check ends by itself; 0 = its default */
  limit_ms: number;
  document: DocumentHint;
}

/**
 * DocumentHint is what a document's machine-readable zone is compared with,
 * and which side is shown. It stays in memory.
 */
export interface DocumentHint {
  /** the candidate's, as the interview has it */
  name?: string;
  /** "front", "back"; "" = front */
  side?: string;
}

/**
 * StepHint is live guidance for the candidate while a step goes on. It is
 * shown, not kept.
 */
export interface StepHint {
  step: string;
  /** closed vocabulary: "closer", "flatter", "less_glare", "hold_still", "turn_over", "beside_face", "more_light", "show", "show_again", "good", "done", … */
  hint: string;
  /** good pictures so far */
  kept: number;
  /** of so many; 0 where pictures are not counted */
  wanted: number;
}

/**
 * StepResult is what the check of one step measured. It is the payload of
 * step.checked entries; what a document says is the part, a DocumentPart.
 */
export interface StepResult {
  interview: string;
  participant: string;
  step: string;
  card: CardKind;
  outcome: StepOutcome;
  /** with not_measurable */
  reason?: Reason;
  start_ms: number;
  end_ms: number;
  values: Measure[] | null;
  /** mean signal quality, 0 to 1 */
  quality: number;
  models?: ModelRef[];
  stills?: StepStill[];
  /** Document is set for documents; Read goes to the part. */
  document?: DocumentResult;
}

/** StepStill is a still with what it shows. */
export interface StepStill extends Still {
  /** "frame", "document", "portrait", "before", "during" */
  shows: string;
}

/**
 * DocumentResult is what was measured on a document that was held up: a visual
 * presentation check, which says nothing about whether it is genuine.
 */
export interface DocumentResult {
  /** "front", "back" */
  side: string;
  /** sharp pictures of it */
  frames: number;
  /**
   * Found tells how it was found: "second_face", "zone" (its machine-readable
   * zone), "" where it was not.
   */
  found: string;
  rectified: boolean;
  /** height of the portrait's face, pixels */
  portrait_px: number;
  /** portrait against the face in the same picture */
  same_frame?: Match;
  /** portrait against the enrolled face */
  with_enrolled?: Match;
  /**
   * Zone: "TD1", "TD2", "TD3", or "" where none was read. CheckDigits counts
   * those that are right, of Checked.
   */
  zone?: string;
  check_digits: number;
  checked: number;
  /** pictures whose reading agrees */
  votes: number;
  /**
   * Name and Expired compare the zone with the interview: "same", "nearly"
   * (but for what is easily misread), "partly", "different", ""; "valid",
   * "expired", "".
   */
  name?: string;
  expired?: string;
  /** Unread lists what could not be measured, and why. */
  unread?: Unread[];
}

/** Match is one comparison of two faces. */
export interface Match {
  /** cosine of Frames pictures, pooled */
  similarity: number;
  threshold: number;
  /** half the width of the band around the threshold that says nothing */
  unsure: number;
  frames: number;
  /** "alike", "unsure", "unlike" */
  result: string;
}

/** Unread is something that could not be measured. */
export interface Unread {
  /** "portrait", "edges", "zone", "match", … */
  what: string;
  reason: Reason;
}

/** DocumentPart is the deletable half of a document's result. */
export interface DocumentPart {
  /** of the machine-readable zone, as voted */
  lines: string[] | null;
  surname: string;
  given_names: string;
  number: string;
  issuer: string;
  nationality: string;
  /** YYYY-MM-DD, "" where not read */
  birth_date: string;
  /** YYYY-MM-DD */
  expiry_date: string;
  sex: string;
}

/**
 * CheckRate is how often the automatic check of a card was wrong when it was
 * measured. It is shown wherever the check's outcome is, because an outcome
 * without it says more than is known.
 */
export interface CheckRate {
  card: CardKind;
  /**
   * False of Idle: stretches of 15 s of real clips in which nobody was asked
   * for anything, and the check said "done".
   */
  false: number;
  idle: number;
  /**
   * Missed of Acted: clips in which it was done, and the check did not say so.
   * Acted is 0 where that was not measured.
   */
  missed: number;
  acted: number;
  /** Simulated tells that what was done had been drawn into real clips. */
  simulated: boolean;
}

/**
 * EnrolledPayload goes with identity.enrolled: the pictures that the template
 * was made of. The template itself is in memory only.
 */
export interface EnrolledPayload {
  interview: string;
  participant: string;
  source: string;
  run: string;
  models?: ModelRef[];
  /** pictures that it is the mean of */
  frames: number;
  from_ms: number;
  to_ms: number;
  /** Final tells that better pictures no longer take the place of poorer ones. */
  final: boolean;
  /**
   * Stills are of the faces, the best first; fewer than Frames where pictures
   * may not be kept.
   */
  stills?: Still[];
}

/**
 * ComparedPayload goes with identity.compared: a picture of what was compared
 * with the enrolled face, one now and then and those near the threshold.
 */
export interface ComparedPayload {
  interview: string;
  participant: string;
  source: string;
  run: string;
  models?: ModelRef[];
  at_ms: number;
  /** cosine, of Frames pooled pictures */
  similarity: number;
  frames: number;
  /** at or below which it is another face */
  threshold: number;
  /** the newest of the pictures */
  still: Still;
}

/**
 * RetakePayload goes with identity.retake: an interviewer has the face enrolled
 * anew.
 */
export interface RetakePayload {
  /** the candidate */
  participant: string;
}

/**
 * CardsDrawnPayload goes with cards.drawn: which cards an interview has, in
 * the order that was drawn at random before the call. The template as it was
 * is the part, a CardsDrawnPart.
 */
export interface CardsDrawnPayload {
  /** identifier */
  template: string;
  /** of the template's JSON, questions included */
  template_sha256: string;
  /** in drawn order */
  cards: DrawnCard[] | null;
}

/** DrawnCard is one card of a drawn run-sheet. */
export interface DrawnCard {
  /** identifier, unique within the interview */
  card: string;
  kind: CardKind;
  required: boolean;
  limit_ms: number;
}

/** CardsDrawnPart is the deletable half of cards.drawn. */
export interface CardsDrawnPart {
  /** of the template */
  name: string;
  /** by card */
  questions: Record<string, string> | null;
}

/** StepEnd tells how a step ended. */
export type StepEnd = "stopped" | "complete" | "time" | "cannot_comply" | "hangup" | "interrupted";

/** StepPayload goes with step.started and step.ended. */
export interface StepPayload {
  /** identifier, unique within the interview */
  step: string;
  card: string;
  kind: CardKind;
  /** 1, 2, …: of this card */
  attempt: number;
  /** of a document: "front", "back" */
  side?: string;
  start_ms: number;
  /** with step.ended */
  end_ms?: number;
  limit_ms: number;
  /** with step.ended */
  ended?: StepEnd;
}

/** StepPart is the deletable half of step.started: what was shown. */
export interface StepPart {
  question?: string;
  /** of a spoken code */
  phrase?: string;
  daylight?: Daylight;
}

/** Daylight is the light that is to be expected at a claimed place. */
export interface Daylight {
  /** IANA name of the claimed time zone */
  zone: string;
  /** the zone's reference place, for which it was computed; "" if not known */
  place: string;
  /** Unix ms of the instant */
  wall_ms: number;
  /** of the sun's centre above the horizon, degrees */
  elevation: number;
  /** "day", "twilight", "night"; "" if not known */
  light: string;
}

/** Verdict is the interviewer's own judgement of a step. */
export type Verdict = "matches" | "does_not_match" | "done" | "not_done" | "unsure";

/**
 * VerdictPayload goes with step.verdict; the note is a NotePart. A later one
 * of the same step counts more.
 */
export interface VerdictPayload {
  step: string;
  card: string;
  kind: CardKind;
  verdict: Verdict;
}

/** DeviationChange names how a run-sheet was departed from. */
export type DeviationChange = "skipped" | "added" | "out_of_order" | "repeated" | "not_reached";

/** DeviationReason is why, in a closed vocabulary; more may be said in the part. */
export type DeviationReason = "short_of_time" | "technical_trouble" | "accommodation" | "candidate_asked" | "unclear_result" | "another_document" | "other" | "interview_ended";

/**
 * DeviationPayload goes with cards.deviation; what was said about it is the
 * part, a DeviationPart.
 */
export interface DeviationPayload {
  change: DeviationChange;
  reason: DeviationReason;
  card: string;
  kind: CardKind;
  /** of an added card */
  limit_ms?: number;
}

/** DeviationPart is the deletable half of cards.deviation. */
export interface DeviationPart {
  /** in the interviewer's words */
  text?: string;
  /** of an added question */
  question?: string;
}

/**
 * TemplatePayload goes with template.changed: the cards that candidates for
 * some roles get. The template itself is the part.
 */
export interface TemplatePayload {
  template: string;
  /** as in CardsDrawnPayload; "" when deleted */
  sha256?: string;
  deleted?: boolean;
}

/**
 * RunSheet is what the log says of an interview's cards and steps. It is made
 * by Add of the entries in their order, wherever it is wanted: in the room, in
 * the review and in the report, so that all three say the same.
 */
export interface RunSheet {
  /** "" where nothing was drawn */
  template: string;
  template_name: string;
  template_sha256: string;
  /** number of the entry that holds the draw */
  drawn_seq: number;
  /** in drawn order, those added at the end */
  cards: RunCard[] | null;
  /** in the order in which they began */
  steps: Step[] | null;
  deviations: Deviation[] | null;
}

/** RunCard is one card of a run-sheet. */
export interface RunCard {
  card: string;
  kind: CardKind;
  question?: string;
  required: boolean;
  limit_ms: number;
  added?: boolean;
  skipped?: boolean;
}

/** Step is one attempt at a card. */
export interface Step {
  step: string;
  card: string;
  kind: CardKind;
  attempt: number;
  side?: string;
  start_ms: number;
  /** 0 while it goes on */
  end_ms: number;
  limit_ms: number;
  /** "" while it goes on */
  ended?: StepEnd;
  /** the candidate cannot comply */
  why?: string;
  shown: StepPart;
  result?: StepResult;
  /** what a document's zone says */
  read?: DocumentPart;
  verdict?: StepVerdict;
}

/** StepVerdict is an interviewer's verdict on a step. */
export interface StepVerdict {
  verdict: Verdict;
  note: string;
  /** an identifier, or a name where the page wants one */
  by: string;
  wall_ms: number;
}

/** Deviation is a departure from the run-sheet. */
export interface Deviation {
  at_ms: number;
  change: DeviationChange;
  reason: DeviationReason;
  card: string;
  kind: CardKind;
  text?: string;
  by: string;
}

/**
 * RecordPart names a part of an interview's record that is encrypted with a
 * key of its own and can be deleted by itself.
 */
export type RecordPart = "recording" | "stills" | "document" | "picture" | "templates" | "series" | "text";

/** PartInfo describes a part to people. */
export interface PartInfo {
  part: RecordPart;
  title: string;
  /** what is gone once it is deleted */
  description: string;
}

/** DeletionReason says what a deletion was done for. */
export type DeletionReason = "policy" | "request" | "person" | "withdrawn" | "restore";

/**
 * DeletionPayload goes with part.deleted: what is gone, and why. It covers
 * everything of the part that entries before it speak of.
 */
export interface DeletionPayload {
  part: RecordPart;
  reason: DeletionReason;
  /** identifier of the policy */
  policy?: string;
  /** identifier of the request */
  request?: string;
  /** recordings or pictures that were removed */
  files: number;
  /** parts of entries that were removed */
  texts: number;
}

/** HoldPayload goes with hold.placed and hold.released; why is a NotePart. */
export interface HoldPayload {
  hold: string;
}

/**
 * RequestPayload goes with deletion.requested, .fulfilled and .refused. What
 * was written to it is a NotePart.
 */
export interface RequestPayload {
  request: string;
  parts?: RecordPart[];
  /** Unix ms */
  due_ms?: number;
}

/** PolicyPayload goes with policy.changed. */
export interface PolicyPayload {
  policy: string;
  /** "keep", "delete", "request" */
  action: string;
  parts?: RecordPart[];
  outcome?: string;
  from: string;
  days: number;
  active: boolean;
}

/** OutcomePayload goes with interview.decided; why is a NotePart. */
export interface OutcomePayload {
  outcome: string;
}

/**
 * StoragePayload goes with storage.plain: recordings that are not encrypted,
 * because an earlier version of the program made them; and with storage.sealed:
 * those, pictures among them, that were encrypted since.
 */
export interface StoragePayload {
  recordings: number;
}

/** TemplateFrom says what a template was made of. */
export type TemplateFrom = "enrolled" | "document" | "picture";

/**
 * FaceTemplatePayload goes with template.kept. Its numbers are a FaceTemplatePart; the
 * entry's commitment to that stays when they are deleted.
 */
export interface FaceTemplatePayload {
  id: string;
  interview: string;
  participant: string;
  from: TemplateFrom;
  /** SHA-256 of the model file; templates of two models are never compared */
  model: string;
  /** pictures that it is the mean of */
  frames: number;
  /** SHA-256 of one of them; "" where no picture was kept */
  still?: string;
}

/** MatchesPayload goes with matches.looked_up: what a person was shown. */
export interface MatchesPayload {
  /** SHA-256 */
  model: string;
  /** templates that the search went over */
  compared: number;
  /** cosine from which a face under another name was shown */
  threshold: number;
  /** other people's templates that a search of this size finds by chance */
  expected: number;
  /** interviews under the same name */
  rounds: string[] | null;
  /** templates under other names, the most alike first */
  found: FoundMatch[] | null;
}

/** FoundMatch is a template that a search found alike. */
export interface FoundMatch {
  template: string;
  interview: string;
  /** cosine */
  similarity: number;
}

/** SameFace is a person's answer to whether two pictures show one person. */
export type SameFace = "same" | "different" | "unsure";

/** MatchVerdictPayload goes with matches.verdict; the note is a NotePart. */
export interface MatchVerdictPayload {
  /** template of this interview */
  probe: string;
  /** the other one */
  template: string;
  interview: string;
  /** cosine, as it was shown */
  similarity: number;
  threshold: number;
  verdict: SameFace;
}

/**
 * ProfilePayload goes with picture.kept. The pictures are files; their names,
 * whatever the uploaded file was called and what it told of its camera are not
 * kept.
 */
export interface ProfilePayload {
  interview: string;
  /** the candidate */
  participant: string;
  /** the whole of it, as it is shown */
  picture: Still;
  /** Face is cut out of it; nil where it was not measured. */
  face?: Still;
  /**
   * Reason says why the face was not measured: no_consent, or not_available
   * where the server runs no analysis. "" where it was.
   */
  reason?: Reason;
  /** Signal quality of the face, where it was measured. */
  height_px?: number;
  /** distance of the eyes */
  eyes_px?: number;
  /** variance of the Laplacian */
  sharpness?: number;
  models?: ModelRef[];
}

export const FaceAbsent: Kind = "face.absent";
export const FaceMultiple: Kind = "face.multiple";
export const FaceTooSmall: Kind = "face.too_small";
export const FaceLooksOver: Kind = "face.looks_over";
export const LivenessReplay: Kind = "liveness.replay";
export const IdentityMismatch: Kind = "identity.mismatch";
export const IdentityChanged: Kind = "identity.changed";
export const GazeReading: Kind = "gaze.reading";
export const GazeOffScreen: Kind = "gaze.off_screen";
export const SpeechLatency: Kind = "speech.latency";
export const SpeechPause: Kind = "speech.pause";
export const SpeechLipsStill: Kind = "speech.lips_still";
export const SpeechLipsShift: Kind = "speech.lips_offset";
export const CameraOff: Kind = "camera.off";
export const MediaFrozen: Kind = "media.frozen";
export const StreamVirtual: Kind = "stream.virtual_device";
export const StreamDevice: Kind = "stream.device_changed";
export const StreamSettings: Kind = "stream.settings";
export const StreamRepeated: Kind = "stream.repeated";
export const StreamTimes: Kind = "stream.frame_times";
export const ClientHidden: Kind = "client.hidden";
export const ClientWindow: Kind = "client.window";
export const ClientScreens: Kind = "client.screens";
export const ClientClipboard: Kind = "client.clipboard";
export const ClientClock: Kind = "client.clock";
export const NetworkPath: Kind = "network.path";
export const ConsentRecording: Consent = "recording";
export const ConsentFace: Consent = "face";
export const ConsentGaze: Consent = "gaze";
export const ConsentSpeech: Consent = "speech";
export const ConsentTemplates: Consent = "templates";
export const SeverityInfo: Severity = "info";
export const SeverityNotice: Severity = "notice";
export const SeverityAttention: Severity = "attention";
export const ReasonDark: Reason = "dark";
export const ReasonBlur: Reason = "blur";
export const ReasonSmall: Reason = "face_small";
export const ReasonBright: Reason = "bright";
export const ReasonNoFace: Reason = "no_face";
export const ReasonTurned: Reason = "face_turned";
export const ReasonCut: Reason = "face_cut";
export const ReasonCovered: Reason = "face_covered";
export const ReasonGlare: Reason = "glare";
export const ReasonFewFrames: Reason = "few_frames";
export const ReasonTooShort: Reason = "too_short";
export const ReasonListening: Reason = "listening";
export const ReasonUnsteady: Reason = "unsteady";
export const ReasonNoBaseline: Reason = "no_baseline";
export const ReasonDamaged: Reason = "damaged";
export const ReasonLoss: Reason = "packet_loss";
export const ReasonCameraOff: Reason = "camera_off";
export const ReasonMuted: Reason = "muted";
export const ReasonDevice: Reason = "new_device";
export const ReasonNoSpeech: Reason = "no_speech";
export const ReasonOthers: Reason = "others_speak";
export const ReasonVague: Reason = "unclear";
export const ReasonOverload: Reason = "overload";
export const ReasonNoConsent: Reason = "no_consent";
export const ReasonSwitchedOff: Reason = "switched_off";
export const ReasonOutage: Reason = "outage";
export const ReasonDisconnected: Reason = "disconnected";
export const ReasonStill: Reason = "still";
export const ReasonNotAvailable: Reason = "not_available";
export const ReasonNotFound: Reason = "not_found";
export const ReasonOtherShown: Reason = "other_shown";
export const ReasonChallenge: Reason = "challenge";
export const RunLive = "live";
export const Measured: CoverageState = "measured";
export const NotMeasurable: CoverageState = "not_measurable";
export const NotRun: CoverageState = "not_run";
export const EntryVersion = 1;
export const EntryInterviewCreated: EntryKind = "interview.created";
export const EntryInterviewUpdated: EntryKind = "interview.updated";
export const EntryInterviewStarted: EntryKind = "interview.started";
export const EntryInterviewEnded: EntryKind = "interview.ended";
export const EntryInterviewDecided: EntryKind = "interview.decided";
export const EntryInterviewCancelled: EntryKind = "interview.cancelled";
export const EntryLinkCreated: EntryKind = "link.created";
export const EntryLinkRevoked: EntryKind = "link.revoked";
export const EntryParticipantJoined: EntryKind = "participant.joined";
export const EntryParticipantWaiting: EntryKind = "participant.waiting";
export const EntryParticipantAdmit: EntryKind = "participant.admitted";
export const EntryParticipantLeft: EntryKind = "participant.left";
export const EntryConsent: EntryKind = "consent";
export const EntryTrackPublished: EntryKind = "track.published";
export const EntryTrackEnded: EntryKind = "track.ended";
export const EntryTrackMute: EntryKind = "track.mute";
export const EntryDeviceChanged: EntryKind = "device.changed";
export const EntryRecordingStarted: EntryKind = "recording.started";
export const EntryRecordingSegment: EntryKind = "recording.segment";
export const EntryRecordingRepaired: EntryKind = "recording.repaired";
export const EntryRecordingFailed: EntryKind = "recording.failed";
export const EntryMediaGap: EntryKind = "media.gap";
export const EntryAnalysisStarted: EntryKind = "analysis.started";
export const EntryAnalysisOutage: EntryKind = "analysis.outage";
export const EntryAnalysisFinished: EntryKind = "analysis.finished";
export const EntryFinding: EntryKind = "finding";
export const EntryCoverage: EntryKind = "coverage";
export const EntryAnnotation: EntryKind = "annotation";
export const EntryQuestion: EntryKind = "question";
export const EntryReview: EntryKind = "review";
export const EntryDiskLow: EntryKind = "disk.low";
export const EntryServerStarted: EntryKind = "server.started";
export const EntryServerDraining: EntryKind = "server.draining";
export const EntryUserCreated: EntryKind = "user.created";
export const EntryUserChanged: EntryKind = "user.changed";
export const EntrySignIn: EntryKind = "user.sign_in";
export const EntrySealed: EntryKind = "interview.sealed";
export const EntryExport: EntryKind = "export";
export const EntryKeyRotated: EntryKind = "key.rotated";
export const EntryMasterKeyReplaced: EntryKind = "master_key.replaced";
export const EntryError: EntryKind = "error";
export const EntrySeries: EntryKind = "series";
export const EntryFact: EntryKind = "client.fact";
export const EntryEnrolled: EntryKind = "identity.enrolled";
export const EntryCompared: EntryKind = "identity.compared";
export const EntryRetake: EntryKind = "identity.retake";
export const EntryStepChecked: EntryKind = "step.checked";
export const EntryStepStarted: EntryKind = "step.started";
export const EntryStepEnded: EntryKind = "step.ended";
export const EntryStepVerdict: EntryKind = "step.verdict";
export const EntryCardsDrawn: EntryKind = "cards.drawn";
export const EntryCardsDeviation: EntryKind = "cards.deviation";
export const EntryTemplateChanged: EntryKind = "template.changed";
export const SaltSize = 32;
export const QuestionAsked: QuestionPhase = "asked";
export const QuestionAnswer: QuestionPhase = "answer";
export const Confirmed: Decision = "confirmed";
export const Explained: Decision = "explained";
export const Dismissed: Decision = "dismissed";
export const FactDevice: FactKind = "device";
export const FactVisible: FactKind = "visible";
export const FactFocus: FactKind = "focus";
export const FactWindow: FactKind = "window";
export const FactClipboard: FactKind = "clipboard";
export const FactNetwork: FactKind = "network";
export const FactClock: FactKind = "clock";
export const FactZoneClaimed = "claimed";
export const EntryAccessViewed: EntryKind = "access.viewed";
export const EntryAccessPlayed: EntryKind = "access.played";
export const EntryAccessRefused: EntryKind = "access.refused";
export const EntryAccessListed: EntryKind = "access.listed";
export const EntryVerified: EntryKind = "log.verified";
export const AccessInterview: AccessWhat = "interview";
export const AccessReview: AccessWhat = "review";
export const AccessRecording: AccessWhat = "recording";
export const AccessStill: AccessWhat = "still";
export const AccessLog: AccessWhat = "log";
export const AccessMatches: AccessWhat = "matches";
export const AccessBundle: AccessWhat = "bundle";
export const AccessCandidate: AccessWhat = "candidate";
export const AccessOther: AccessWhat = "other";
export const EntryAnswer: EntryKind = "finding.answered";
export const CardShowID: CardKind = "show_id";
export const CardHand: CardKind = "hand_across_face";
export const CardTurnLeft: CardKind = "turn_left";
export const CardTurnRight: CardKind = "turn_right";
export const CardCheek: CardKind = "finger_on_cheek";
export const CardLookUp: CardKind = "look_up";
export const CardStandBack: CardKind = "stand_back";
export const CardWindow: CardKind = "window_view";
export const CardSpokenCode: CardKind = "spoken_code";
export const CardQuestion: CardKind = "question";
export const StepDone: StepOutcome = "done";
export const StepNotSeen: StepOutcome = "not_seen";
export const StepNotMeasurable: StepOutcome = "not_measurable";
export const StepNotChecked: StepOutcome = "not_checked";
export const StepCannotComply: StepOutcome = "cannot_comply";
export const ReasonCheckDigit: Reason = "check_digit";
export const EndStopped: StepEnd = "stopped";
export const EndComplete: StepEnd = "complete";
export const EndTime: StepEnd = "time";
export const EndCannot: StepEnd = "cannot_comply";
export const EndHangup: StepEnd = "hangup";
export const EndInterrupted: StepEnd = "interrupted";
export const VerdictMatches: Verdict = "matches";
export const VerdictDoesNotMatch: Verdict = "does_not_match";
export const VerdictDone: Verdict = "done";
export const VerdictNotDone: Verdict = "not_done";
export const VerdictUnsure: Verdict = "unsure";
export const DeviationSkipped: DeviationChange = "skipped";
export const DeviationAdded: DeviationChange = "added";
export const DeviationOrder: DeviationChange = "out_of_order";
export const DeviationRepeated: DeviationChange = "repeated";
export const DeviationNotReached: DeviationChange = "not_reached";
export const ReasonNoTime: DeviationReason = "short_of_time";
export const ReasonTrouble: DeviationReason = "technical_trouble";
export const ReasonAccommodation: DeviationReason = "accommodation";
export const ReasonAsked: DeviationReason = "candidate_asked";
export const ReasonUnclear: DeviationReason = "unclear_result";
export const ReasonDocument: DeviationReason = "another_document";
export const ReasonOther: DeviationReason = "other";
export const ReasonEnded: DeviationReason = "interview_ended";
export const PartRecording: RecordPart = "recording";
export const PartStills: RecordPart = "stills";
export const PartDocument: RecordPart = "document";
export const PartPicture: RecordPart = "picture";
export const PartTemplates: RecordPart = "templates";
export const PartSeries: RecordPart = "series";
export const PartText: RecordPart = "text";
export const DeletedByPolicy: DeletionReason = "policy";
export const DeletedByRequest: DeletionReason = "request";
export const DeletedByPerson: DeletionReason = "person";
export const DeletedWithdrawn: DeletionReason = "withdrawn";
export const DeletedAgain: DeletionReason = "restore";
export const EntryPartDeleted: EntryKind = "part.deleted";
export const EntryHoldPlaced: EntryKind = "hold.placed";
export const EntryHoldReleased: EntryKind = "hold.released";
export const EntryDeletionRequested: EntryKind = "deletion.requested";
export const EntryDeletionFulfilled: EntryKind = "deletion.fulfilled";
export const EntryDeletionRefused: EntryKind = "deletion.refused";
export const EntryPolicyChanged: EntryKind = "policy.changed";
export const EntryStoragePlain: EntryKind = "storage.plain";
export const EntryStorageSealed: EntryKind = "storage.sealed";
export const EntryTemplateKept: EntryKind = "template.kept";
export const EntryMatchesLooked: EntryKind = "matches.looked_up";
export const EntryMatchesVerdict: EntryKind = "matches.verdict";
export const FromEnrolled: TemplateFrom = "enrolled";
export const FromDocument: TemplateFrom = "document";
export const FromPicture: TemplateFrom = "picture";
export const SameYes: SameFace = "same";
export const SameNo: SameFace = "different";
export const SameUnsure: SameFace = "unsure";
export const EntryPictureKept: EntryKind = "picture.kept";
export const ReasonManyFaces: Reason = "many_faces";
