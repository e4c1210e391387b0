import { Stack, Text } from "@mantine/core";

import { useFaces } from "@/api/queries";
import { FaceStills } from "@/components/FaceStills";
import { Empty, Failure, PageLoading } from "@/components/states";
import { list } from "@/lib/list";
import { clock, preciseClock } from "@/lib/time";
import { ProfilePicture } from "./ProfilePicture";

interface Props {
  interview: string;
  run: string;
  mayAdd: boolean; // a profile picture
  onSeek: (atMs: number) => void;
}

/** Faces shows whom the candidate's face was compared with, and pictures of what was compared. */
export function Faces({ interview, run, mayAdd, onSeek }: Props) {
  const faces = useFaces(interview);
  if (faces.isPending) return <PageLoading label="Loading the pictures" />;
  if (faces.isError) return <Failure error={faces.error} retry={() => void faces.refetch()} />;
  const enrolled = list(faces.data.enrolled).filter((e) => e.enrolled.run === run);
  const compared = list(faces.data.compared).filter((c) => c.compared.run === run);
  return (
    <Stack gap="md">
      {enrolled.length === 0 && (
        <Empty title="Nobody was enrolled">Too few good pictures of the candidate's face were seen, or comparing faces was not agreed to.</Empty>
      )}
      {enrolled.map(({ seq, enrolled: e }) => (
        <section key={seq} aria-label={`Enrolled face, entry ${seq}`}>
          <Text size="sm" fw={600}>Enrolled face</Text>
          <Text size="xs" c="dimmed" mb={6}>
            From {e.frames} pictures, {clock(e.from_ms)}–{clock(e.to_ms)}{e.final ? "" : ", before better ones came"}. Entry {seq} of the log.
          </Text>
          {list(e.stills).length === 0
            ? <Text size="xs" c="dimmed">No pictures were kept.</Text>
            : <FaceStills interview={interview} stills={list(e.stills).map((still) => ({ still }))} onSelect={onSeek} />}
        </section>
      ))}
      {enrolled.length > 0 && <section aria-label="Compared faces">
        <Text size="sm" fw={600}>What was compared with it</Text>
        <Text size="xs" c="dimmed" mb={6}>
          A picture every half a minute, and of comparisons near the threshold, with the cosine similarity of the newest pictures to the enrolled face.
          Light, pose and camera change it; the lane of the finding shows it over time.
        </Text>
        {compared.length === 0
          ? <Text size="xs" c="dimmed">No pictures were kept.</Text>
          : <FaceStills interview={interview} onSelect={onSeek} stills={compared.map(({ compared: c }) => ({ still: c.still, caption: `${preciseClock(c.at_ms)} · ${c.similarity.toFixed(2)}` }))} />}
      </section>}
      <ProfilePicture interview={interview} picture={faces.data.picture} mayAdd={mayAdd} />
    </Stack>
  );
}
