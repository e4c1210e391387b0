import { Button, Group, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";

import { FaceStills } from "@/components/FaceStills";
import { type Call, useRoomState } from "@/hooks/useCall";
import { list } from "@/lib/list";
import { clock } from "@/lib/time";
import classes from "./room.module.css";

/** EnrolledFace shows the pictures that later faces are compared with, and lets an interviewer have them taken anew. */
export function EnrolledFace({ call }: { call: Call }) {
  const { enrolled, interview, you } = useRoomState(call);
  if (enrolled === null) return null;
  const { enrolled: face, retaken } = enrolled;
  const stills = list(face.stills);
  return (
    <div className={classes.row} data-enrolled={retaken ? "retaken" : "yes"}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text fw={600} size="sm">Enrolled face</Text>
        {you?.role === "interviewer" && !retaken && (
          <Button variant="subtle" size="compact-xs" leftSection={<IconRefresh size={14} stroke={1.6} />} onClick={() => call.room.retakeFace()}>Retake</Button>
        )}
      </Group>
      <Text size="xs" c="dimmed" mb={6}>
        {retaken
          ? "Forgotten. The next good pictures of the candidate are enrolled instead."
          : `From ${face.frames} pictures, ${clock(face.from_ms)}–${clock(face.to_ms)}. Later faces are compared with these${face.final ? "." : "; better pictures may still replace some."}`}
      </Text>
      {!retaken && stills.length > 0 && interview !== null && <FaceStills interview={interview.id} stills={stills.map((still) => ({ still }))} />}
      {!retaken && stills.length === 0 && <Text size="xs" c="dimmed">No pictures are kept, since recording was refused.</Text>}
    </div>
  );
}
