import { Anchor, Button, Group, Paper, Stack, Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";

import { messageOf, post } from "@/api/client";
import { keys } from "@/api/queries";
import type { MatchFace, MatchFound, MatchSearch, MatchVerdict } from "@/gen/api";
import type { SameFace } from "@/gen/evidence";
import { sameWords } from "@/lib/entries";
import { dateTime } from "@/lib/time";
import { expectedWords, noteNeededFor } from "./matches";
import classes from "./Others.module.css";

interface Props {
  interview: string;
  candidate: string;
  probe: MatchFace;
  found: MatchFound;
  search: MatchSearch;
  verdict: MatchVerdict | null;
  mayJudge: boolean;
}

/** MatchQuestion asks whether two pictures show one person. It never answers that itself. */
export function MatchQuestion({ interview, candidate, probe, found, search, verdict, mayJudge }: Props) {
  return (
    <Paper withBorder p="sm" component="section" aria-label={`Question about ${found.candidate_name}`}>
      <Stack gap="xs">
        <Text size="sm" fw={600}>Is this the same person?</Text>
        <div className={classes.pair}>
          <Picture face={probe} name={candidate} />
          <figure>
            <Still face={found.face} name={found.candidate_name} />
            <figcaption>
              <Anchor component={Link} href={`/interviews/${found.face.interview}`} fz="xs">{found.candidate_name}</Anchor>
              <Text size="xs" c="dimmed" component="span" display="block">{found.role}, {dateTime(found.scheduled_ms)}</Text>
            </figcaption>
          </figure>
        </div>
        <Text size="xs" c="dimmed">
          Similarity {found.similarity.toFixed(3)}, threshold {search.threshold.toFixed(3)}; {expectedWords(search)}. Relatives look alike, and
          light, age and camera change the figure. It is no proof of anything.
        </Text>
        {verdict !== null && (
          <Text size="xs">
            <b>{verdict.by}</b>: {sameWords[verdict.verdict]}{verdict.note === "" ? "" : `. “${verdict.note}”`} <Text span c="dimmed">({dateTime(verdict.wall_ms)})</Text>
          </Text>
        )}
        {mayJudge && <Judge interview={interview} template={found.face.template} again={verdict !== null} />}
      </Stack>
    </Paper>
  );
}

function Picture({ face, name }: { face: MatchFace; name: string }) {
  return <figure><Still face={face} name={name} /><figcaption>{name}<Text size="xs" c="dimmed" component="span" display="block">This interview</Text></figcaption></figure>;
}

function Still({ face, name }: { face: MatchFace; name: string }) {
  const [gone, setGone] = useState(false);
  if (face.still === "" || gone) return <span className={classes.gone}>{face.still === "" ? "No picture was kept" : "Picture deleted"}</span>;
  return <img className={classes.picture} alt={`Face of ${name}`} onError={() => setGone(true)} src={`/api/interviews/${encodeURIComponent(face.interview)}/stills/${face.still}`} />;
}

const choices: readonly SameFace[] = ["same", "different", "unsure"];

function Judge({ interview, template, again }: { interview: string; template: string; again: boolean }) {
  const cache = useQueryClient();
  const [note, setNote] = useState("");
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState<SameFace | null>(null);
  const save = async (verdict: SameFace) => {
    if (noteNeededFor(verdict) && note.trim() === "") {
      setFailure("Say in a few words what you compared and saw.");
      return;
    }
    setFailure("");
    setBusy(verdict);
    try {
      await post(`/api/interviews/${encodeURIComponent(interview)}/matches/verdicts`, { template, verdict, note: note.trim() });
      setNote("");
      await cache.invalidateQueries({ queryKey: keys.matches(interview) });
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(null);
    }
  };
  return (
    <Stack gap={6} role="group" aria-label="Your verdict">
      <Textarea size="xs" label={again ? "Note on a new verdict" : "Your verdict"} placeholder="What you compared and saw" value={note} maxLength={2000} autosize minRows={1} maxRows={5}
        error={failure === "" ? undefined : failure} onChange={(event) => setNote(event.currentTarget.value)} />
      <Group gap={6} grow preventGrowOverflow={false}>
        {choices.map((verdict) => (
          <Button key={verdict} size="compact-sm" px={4} variant="default" loading={busy === verdict} disabled={busy !== null} onClick={() => void save(verdict)}>
            {sameWords[verdict].charAt(0).toUpperCase() + sameWords[verdict].slice(1)}
          </Button>
        ))}
      </Group>
    </Stack>
  );
}
