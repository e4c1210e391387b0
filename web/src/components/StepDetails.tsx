import { Alert, Stack, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";

import type { CheckRate, Daylight, DocumentPart, DocumentResult, Measure, Step } from "@/gen/evidence";
import { cardTitles, documentNotice, matchWords, outcomeSentence, rateWords, unreadWords } from "@/lib/cards";
import { list } from "@/lib/list";
import { preciseClock } from "@/lib/time";
import classes from "./StepDetails.module.css";

/** StepDetails shows what a step's check measured: stills, values, what a document says, and what could not be read. */
export function StepDetails({ interview, step, rates }: { interview: string; step: Step; rates: readonly CheckRate[] | null }) {
  const { result, shown, kind } = step;
  const wrong = rateWords(kind, rates);
  return (
    <Stack gap={8}>
      {kind === "show_id" && <Alert variant="light" color="gray" p="xs" icon={<IconInfoCircle size={16} />}><Text size="xs">{documentNotice}</Text></Alert>}
      <Stills interview={interview} step={step} />
      <dl className={classes.fields}>
        <Field name="Automatic check">{outcomeSentence(result)}</Field>
        {wrong !== "" && <Field name="How often it is wrong">{wrong}</Field>}
        {(step.why ?? "") !== "" && <Field name="Cannot comply because">{step.why}</Field>}
        {shown.phrase !== undefined && <Field name="Words to read">{shown.phrase}</Field>}
        {shown.daylight !== undefined && <Field name="Expected outside">{daylightWords(shown.daylight)}</Field>}
        {list(result?.values).map((measure) => <Field key={measure.name} name={sentenceCase(measure.name)}>{measureWords(measure)}</Field>)}
        {result?.document !== undefined && <DocumentFields document={result.document} />}
      </dl>
      {step.read !== undefined && <ReadFields read={step.read} />}
    </Stack>
  );
}

/** daylightWords says how high the sun stands and what to expect: of the zone's reference place, not of a street. */
export function daylightWords(daylight: Daylight): string {
  if (daylight.light === "" || daylight.place === "") return `not known for ${daylight.zone.replaceAll("_", " ")}`;
  const degrees = Math.round(Math.abs(daylight.elevation));
  const sun = daylight.elevation >= 0 ? `the sun is ${degrees}° above the horizon` : `the sun is ${degrees}° below the horizon`;
  const expected = { day: "daylight expected", twilight: "twilight expected", night: "darkness expected" }[daylight.light] ?? "";
  return `In ${daylight.place} ${sun}: ${expected}. Elsewhere in the same time zone it can differ by an hour or more.`;
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replaceAll("_", " ");
}

/** measureWords writes a value with its unit and its threshold. */
function measureWords(measure: Measure): string {
  const value = `${Number(measure.value.toPrecision(3))}${(measure.unit ?? "") === "" ? "" : ` ${measure.unit}`}`;
  if ((measure.compare ?? "") === "") return value;
  return `${value} (threshold ${measure.compare === "<=" ? "at most" : "at least"} ${Number((measure.threshold ?? 0).toPrecision(3))})`;
}

function Field({ name, children }: { name: string; children: ReactNode }) {
  return <><dt>{name}</dt><dd className="tabular">{children}</dd></>;
}

const stillNames: Readonly<Record<string, string>> = {
  frame: "Whole picture", document: "Document", portrait: "Portrait", zone: "Machine-readable zone", before: "Before", during: "During",
};

function Stills({ interview, step }: { interview: string; step: Step }) {
  const stills = list(step.result?.stills);
  if (stills.length === 0) return null;
  return (
    <div className={classes.stills}>
      {stills.map((still) => (
        <figure key={`${still.shows}-${still.sha256}`}>
          <img className={classes.still} loading="lazy" width={still.width} height={still.height}
            alt={`${cardTitles[step.kind]}: ${(stillNames[still.shows] ?? still.shows).toLowerCase()} at ${preciseClock(still.at_ms)}`}
            src={`/api/interviews/${encodeURIComponent(interview)}/stills/${still.sha256}`} />
          <Text component="figcaption" size="xs" c="dimmed" className="tabular">{stillNames[still.shows] ?? still.shows}, {preciseClock(still.at_ms)}</Text>
        </figure>
      ))}
    </div>
  );
}

/** How the name in the zone compares with the one in the interview. */
const nameWords: Readonly<Record<string, string>> = {
  same: "same as planned", nearly: "same as planned but for letters that are easily misread: compare them in the picture",
  partly: "partly the same as planned", different: "different from planned",
};

/** What a document was measured in: sharp pictures of its portrait, or those in which its zone was read. */
function picturesOf({ found, frames }: DocumentResult): string {
  const pictures = frames === 1 ? "picture" : "pictures";
  return found === "zone" ? `its zone read in ${frames} ${pictures}` : `${frames} sharp ${pictures}`;
}

function DocumentFields({ document }: { document: DocumentResult }) {
  const compared = nameWords[document.name ?? ""] ?? "not compared";
  const zone = document.zone ?? "";
  return (
    <>
      <Field name="Side">{document.side === "back" ? "back" : "front"}, {picturesOf(document)}</Field>
      {document.portrait_px > 0 && <Field name="Portrait">{document.portrait_px} px high</Field>}
      {document.same_frame !== undefined && <Field name="Portrait and live face">{matchWords(document.same_frame)}</Field>}
      {document.with_enrolled !== undefined && <Field name="Portrait and enrolled face">{matchWords(document.with_enrolled)}</Field>}
      {zone !== "" && (
        <>
          <Field name="Machine-readable zone">{zone}: {document.check_digits} of {document.checked} check digits right, {document.votes} readings agree</Field>
          <Field name="Name">{compared}</Field>
          {(document.expired ?? "") !== "" && <Field name="Date of expiry">{document.expired === "expired" ? "passed" : "in the future"}</Field>}
        </>
      )}
      {unreadWords(document).map((text) => <Field key={text} name="Could not be measured">{text}</Field>)}
    </>
  );
}

function ReadFields({ read }: { read: DocumentPart }) {
  const rows: [string, string][] = [
    ["Surname", read.surname], ["Given names", read.given_names], ["Number", read.number], ["Issued by", read.issuer],
    ["Nationality", read.nationality], ["Born", read.birth_date], ["Expires", read.expiry_date],
  ];
  const known = rows.filter(([, value]) => value !== "");
  if (known.length === 0) return null;
  return (
    <div>
      <Text size="xs" fw={600} mb={2}>As read from the zone</Text>
      <dl className={classes.fields}>{known.map(([name, value]) => <Field key={name} name={name}>{value}</Field>)}</dl>
    </div>
  );
}
