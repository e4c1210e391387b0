import { Badge, Group, Paper, Stack, Text, Title } from "@mantine/core";

import type { Consent } from "@/gen/evidence";
import type { Participant } from "@/gen/interview";
import { list } from "@/lib/list";

const roles = { candidate: "Candidate", interviewer: "Interviewer", observer: "Observer" } as const;
const consents: readonly { consent: Consent; label: string }[] = [
  { consent: "recording", label: "Recording" },
  { consent: "face", label: "Face" },
  { consent: "gaze", label: "Gaze" },
  { consent: "speech", label: "Speech" },
  { consent: "templates", label: "Other interviews" },
];

/** Participants lists who has been in the room and what each agreed to. */
export function Participants({ people }: { people: readonly Participant[] | null }) {
  const joined = list(people);
  return (
    <Paper withBorder p={{ base: "md", sm: "lg" }}>
      <Title order={2} size="h5" mb="md">People</Title>
      {joined.length === 0 && <Text size="sm" c="dimmed">Nobody has joined yet. Consents appear here once they are given.</Text>}
      <Stack gap="md">
        {joined.map((person) => (
          <Stack key={person.id} gap={6}>
            <div style={{ minWidth: 0 }}>
              <Text size="sm" fw={600} className="truncate" title={person.name}>{person.name}</Text>
              <Text size="xs" c="dimmed">{roles[person.role]}</Text>
            </div>
            <Group gap={6} role="list" aria-label={`Consents of ${person.name}`}>
              {consents.filter(({ consent }) => consent !== "templates" || person.role === "candidate").map(({ consent, label }) => {
                const answer = person.consents?.[consent];
                const said = answer === undefined ? "not answered" : answer ? "agreed" : "not agreed";
                return (
                  <Badge key={consent} role="listitem" size="sm" tt="none" fw={500} variant={answer ? "light" : "outline"} color={answer ? "accent" : "gray"}>
                    {label}: {said}
                  </Badge>
                );
              })}
            </Group>
          </Stack>
        ))}
      </Stack>
    </Paper>
  );
}
