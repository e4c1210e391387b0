import { Alert, Button, FileButton, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { messageOf, upload } from "@/api/client";
import { keys } from "@/api/queries";
import type { ProfilePicture as Kept } from "@/gen/api";
import { dateTime } from "@/lib/time";
import { pictureWords } from "./matches";
import { Thumb } from "./Thumb";

interface Props {
  interview: string;
  picture: Kept | null;
  mayAdd: boolean;
}

/** ProfilePicture shows the candidate's profile picture, and takes one. */
export function ProfilePicture({ interview, picture, mayAdd }: Props) {
  const cache = useQueryClient();
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  const add = async (file: File | null) => {
    if (file === null) return;
    setFailure("");
    setBusy(true);
    try {
      await upload<Kept>(`/api/interviews/${encodeURIComponent(interview)}/picture`, file);
      await Promise.all([keys.faces(interview), keys.matches(interview)].map((queryKey) => cache.invalidateQueries({ queryKey })));
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section aria-label="Profile picture">
      <Text size="sm" fw={600}>Profile picture</Text>
      <Text size="xs" c="dimmed" mb={6}>
        A photograph from the application, to be seen beside the faces of the call. Only if the candidate agreed to face measurements and to
        comparison with other interviews is its face measured; then it is compared under Other interviews.
      </Text>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        {picture !== null && (
          <Thumb interview={interview} still={picture.deleted ? "" : (picture.profile.face ?? picture.profile.picture).sha256} alt="Profile picture" missing="Deleted" large />
        )}
        <Stack gap={6} style={{ minWidth: 0 }}>
          {picture === null
            ? <Text size="xs">None was added.</Text>
            : (
              <>
                <Text size="xs" style={{ overflowWrap: "anywhere" }}>Added by {picture.by} on {dateTime(picture.wall_ms)}. Entry {picture.seq} of the log.</Text>
                <Text size="xs" c="dimmed">{pictureWords(picture)}</Text>
              </>
            )}
          {mayAdd && (
            <FileButton accept="image/jpeg,image/png,image/webp" onChange={(file) => void add(file)}>
              {(props) => <Button {...props} size="compact-sm" variant="default" w="fit-content" loading={busy}>{picture === null || picture.deleted ? "Add a picture" : "Replace it"}</Button>}
            </FileButton>
          )}
        </Stack>
      </Group>
      {failure !== "" && <Alert mt="xs" variant="light" color="red" title="The picture was not taken" withCloseButton closeButtonLabel="Close" onClose={() => setFailure("")}>{failure}</Alert>}
    </section>
  );
}
