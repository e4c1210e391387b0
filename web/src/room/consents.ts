// The consents as they are put to a participant. The very text that was
// shown goes into the log, so it is made here and nowhere else.

import type { Consent, KindInfo } from "@/gen/evidence";
import type { RecordingPolicy, Role } from "@/gen/interview";

/** Terms is what the operator has decided about interviews. */
export interface Terms {
  operator: string; // "" where not configured
  keepDays: number; // 0: until deleted
  policy: RecordingPolicy;
  kinds: readonly KindInfo[];
}

/** ConsentText is one consent to answer. */
export interface ConsentText {
  consent: Consent;
  title: string;
  text: string;
  /** What a refusal means. */
  otherwise: string;
  /** All of it as it is shown, for the log. */
  shown: string;
}

/** keptFor says how long a recording is kept: "for 90 days". */
export function keptFor({ keepDays, operator }: Pick<Terms, "keepDays" | "operator">): string {
  if (keepDays === 1) return "for one day";
  return keepDays > 0 ? `for ${keepDays} days` : `until ${who(operator)} deletes it`;
}

/** who names the operator. */
export function who(operator: string): string {
  return operator === "" ? "the organisation that invited you" : operator;
}

/** consentTexts are the consents that a participant is asked for, in order. */
export function consentTexts(role: Role, terms: Terms): ConsentText[] {
  return consentsOf(role).map((consent) => {
    const { title, text, otherwise } = wording[role](consent, terms);
    return { consent, title, text, otherwise, shown: `${title}\n${text}\n${otherwise}` };
  });
}

type Wording = Pick<ConsentText, "title" | "text" | "otherwise">;

const wording: Record<Role, (consent: Consent, terms: Terms) => Wording> = {
  candidate: forCandidate, interviewer: forInterviewer, observer: forObserver,
};

const titles: Record<Consent, string> = {
  recording: "Recording",
  face: "Face measurements",
  gaze: "Gaze measurements",
  speech: "Speech measurements",
  templates: "Comparison with other interviews",
};

/** allConsents are those that a candidate is asked for, in that order. */
export const allConsents = Object.keys(titles) as readonly Consent[];

/** consentsOf are those that somebody of a role is asked for: templates are the candidate's alone. */
export function consentsOf(role: Role): readonly Consent[] {
  return role === "candidate" ? allConsents : allConsents.filter((consent) => consent !== "templates");
}

/** consentTitle names a consent. */
export function consentTitle(consent: Consent): string {
  return titles[consent];
}

function forCandidate(consent: Consent, terms: Terms): Wording {
  const title = titles[consent];
  const measured = measuredNow(consent, terms.kinds);
  const goesOn = "If you do not agree, the interview goes on and this is not measured.";
  switch (consent) {
    case "recording":
      return {
        title,
        text: `Your camera, your microphone and any screen that you share are recorded from the moment you are admitted until you leave. The recording is kept ${keptFor(terms)} and is seen by the people who decide about your application.`,
        otherwise: terms.policy === "refuse"
          ? "If you do not agree, this interview cannot be held here. Ask your contact for another way."
          : "If you do not agree, the interview goes on and you are not recorded.",
      };
    case "face":
      return {
        title,
        text: `Software looks for faces in your camera's picture. ${comparedNow(terms.kinds)}${measured} ${askedOf} Single pictures of such moments are kept with the recording. People look at every one; software decides nothing and guesses no feelings.`,
        otherwise: goesOn,
      };
    case "gaze":
      return {
        title,
        text: runs(consent, terms.kinds)
          ? `Software estimates from your camera's picture, many times a second, where your eyes point, compared with how you usually look. If you are recorded, these directions are kept with the recording. ${measured} Where you look says nothing about your honesty. People look at every result; software decides nothing.`
          : `This is about estimating from your camera's picture where your eyes point. ${measured}`,
        otherwise: goesOn,
      };
    case "speech":
      return {
        title,
        text: runs(consent, terms.kinds)
          ? `Software measures when you speak and when you pause, from your microphone. It does not judge your voice, your accent or your feelings. ${measured}`
          : `This is about measuring when you speak and when you pause, from your microphone. ${measured}`,
        otherwise: goesOn,
      };
    case "templates":
      return {
        title,
        text: `When the interview ends, ${who(terms.operator)} would like to keep the numbers that software computes from your face (a face template), and those of the photo on a document that you hold up and of a profile picture of you, if somebody adds one to the record. `
          + "They are encrypted, and they are used for one thing: to compare them with your other interviews here, and with interviews under other names, when somebody who decides about applications asks for it. "
          + "Software can be wrong about likeness, and relatives look alike: people look at both pictures, and software decides nothing. "
          + `The template is deleted before or with the recording, which is kept ${keptFor(terms)}, and at once when you withdraw this. Without face measurements there is no template.`,
        otherwise: "If you do not agree, the interview goes on and no template is kept.",
      };
  }
}

function forInterviewer(consent: Consent, terms: Terms): Wording {
  const title = titles[consent];
  const none = runs(consent, terms.kinds)
    ? "At present this is measured for the candidate only; your answer is kept for the log."
    : "This server measures nothing of this kind at present; your answer is kept for the log.";
  const nothing = "If you do not agree, nothing changes for you.";
  switch (consent) {
    case "recording":
      return {
        title,
        text: `Your camera, your microphone and any screen that you share are recorded while the candidate is in the room. The recording is kept ${keptFor(terms)}.`,
        otherwise: "If you do not agree, you take part without being recorded.",
      };
    case "face":
      return { title, text: `This is about looking for faces in your camera's picture. ${none}`, otherwise: nothing };
    case "gaze":
      return { title, text: `This is about estimating from your camera's picture where your eyes point. ${none}`, otherwise: nothing };
    case "speech":
      return {
        title,
        text: runs(consent, terms.kinds)
          ? "Software measures when you speak, from your microphone, so that an answer can be timed from the end of your question. It notes nothing about you."
          : `This is about measuring when you speak, so that an answer can be timed from the end of your question. ${none}`,
        otherwise: runs(consent, terms.kinds) ? "If you do not agree, your sound is not measured, and answers are timed by your question marks alone." : nothing,
      };
    case "templates":
      return { title, text: "This is asked of candidates only.", otherwise: nothing };
  }
}

/** forObserver holds what an interviewer is told too: whoever observes may take part later, and is not asked again. */
function forObserver(consent: Consent, terms: Terms): Wording {
  const { title, text, otherwise } = forInterviewer(consent, terms);
  const what = consent === "recording" ? "recorded" : "measured";
  return { title, text: `While you observe you send neither picture nor sound, and nothing of you is ${what}. Should you take part as an interviewer: ${text}`, otherwise };
}

/** askedOf tells of the cards of the run-sheet. */
const askedOf = "You may be asked for short things in front of the camera, such as turning your head or holding up an identity document: software then looks whether that was seen, "
  + "compares the document's photo with your face and reads its machine-readable lines. You can always say that you cannot do it.";

/** comparedNow tells of the comparison of faces where there is one. */
function comparedNow(kinds: readonly KindInfo[]): string {
  return kinds.some((k) => k.kind === "identity.mismatch" || k.kind === "identity.changed")
    ? "It compares your face with how it looked at the beginning of the call; the numbers that it computes for this are not stored, unless you agree to the comparison with other interviews below. "
    : "";
}

/** runs tells whether this server measures anything that the consent is about. */
function runs(consent: Consent, kinds: readonly KindInfo[]): boolean {
  return kinds.some((k) => k.consent === consent);
}

function measuredNow(consent: Consent, kinds: readonly KindInfo[]): string {
  const list = kinds.filter((k) => k.consent === consent).map((k) => k.title.toLowerCase());
  return list.length === 0
    ? "This server measures nothing of this kind at present; your answer is kept for the log."
    : `What is noted: ${list.join(", ")}.`;
}
