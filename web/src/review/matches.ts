// Words for comparisons of a face across interviews: what was compared, how
// alike it is, and why something was not compared.

import type { MatchCell, MatchGap, MatchRates, MatchSearch, MatchVerdict, ProfilePicture } from "@/gen/api";
import type { SameFace } from "@/gen/evidence";

/** gapWords say why something was not compared; none of them says anything about the candidate. */
export const gapWords: Readonly<Record<MatchGap, string>> = {
  "": "",
  not_asked: "The candidate was not asked",
  no_consent: "No consent",
  deleted: "Deleted",
  not_kept: "None was made",
  other_model: "Made by another model, which is never compared with this one",
  no_rates: "Nothing was measured of the model that made it, so there is no threshold",
  no_picture: "None was added",
  unmeasured: "Not measured: added before the candidate agreed, or while no analysis was running. Add it again to have it measured",
  unreadable: "Its key is missing, or it was damaged",
};

/** resultWords name a likeness. */
const resultWords: Readonly<Record<string, string>> = {
  alike: "alike", unsure: "neither alike nor unlike", unlike: "unlike",
};

/** cellWords say what one comparison gave, with its threshold. */
export function cellWords(cell: MatchCell): { main: string; detail: string } {
  if (cell.itself) return { main: "This is compared", detail: "" };
  if (cell.result === "") return { main: cell.why === "" ? "Not compared" : gapWords[cell.why], detail: "" };
  return {
    main: `${cell.similarity.toFixed(2)}, ${resultWords[cell.result] ?? cell.result}`,
    detail: `threshold ${cell.threshold.toFixed(2)}; unsure from ${cell.unsure_from.toFixed(2)} to ${cell.unsure_to.toFixed(2)}${cell.eyes_px > 0 ? `; ${Math.round(cell.eyes_px)} pixels between the eyes` : ""}`,
  };
}

/** pictureWords say whether the face of a profile picture was measured, and why not. */
export function pictureWords({ deleted, profile }: ProfilePicture): string {
  if (deleted) return "The picture was deleted; the log keeps that it was there.";
  if (profile.face !== undefined) return `Its face was measured: ${Math.round(profile.height_px ?? 0)} pixels high, ${Math.round(profile.eyes_px ?? 0)} between the eyes.`;
  if (profile.reason === "no_consent") return "Its face was not measured: the candidate had not agreed to that. That says nothing about them.";
  return "Its face was not measured: no analysis was running.";
}

/** percent writes a share in per cent. */
export const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

/** ratesWords say how often a comparison of two rounds was wrong when the model was measured. */
export function ratesWords(rates: MatchRates): string {
  return `Of pairs of two people, one in ${Math.round(1 / rates.round_false).toLocaleString("en-GB")} reached the threshold of enrolled faces; of pairs of one `
    + `person ${percent(rates.round_missed)} did not. In one small group of people in the measurement ${percent(rates.far_off)} of pairs of two people reached it, so the unsure band is wide.`;
}

/** expectedWords say how many other people a search of this size finds by chance. */
export function expectedWords(search: MatchSearch): string {
  const n = search.expected;
  const figure = n === 0 ? "0" : n >= 0.001 ? n.toFixed(3) : n.toPrecision(1);
  const beyond = search.compared > search.measured ? `; an extrapolation beyond the ${search.measured} pictures that it was measured on` : "";
  return `other people expected to be found by chance in a search of this size (${search.compared} ${search.compared === 1 ? "face" : "faces"}): ${figure}${beyond}`;
}

/** noteNeededFor tells that a verdict wants a note. */
export const noteNeededFor = (verdict: SameFace) => verdict !== "unsure";

/** verdictOn is the newest verdict on a template; null without. */
export function verdictOn(verdicts: readonly MatchVerdict[], template: string): MatchVerdict | null {
  return verdicts.filter((v) => v.template === template).at(-1) ?? null;
}
