import { Loader, Stack, Switch } from "@mantine/core";

import { useServerInfo } from "@/api/queries";
import { Failure } from "@/components/states";
import type { Kind } from "@/gen/evidence";
import { list } from "@/lib/list";

/** Measurements has a switch for each kind that the server measures. */
export function Measurements({ off, onChange }: { off: readonly Kind[]; onChange: (off: readonly Kind[]) => void }) {
  const server = useServerInfo();
  if (server.isPending) return <Loader size="sm" aria-label="Loading measurements" />;
  if (server.isError) return <Failure error={server.error} retry={() => void server.refetch()} />;
  return (
    <Stack gap="sm" role="group" aria-label="Measurements">
      {list(server.data.kinds).map((info) => (
        <Switch key={info.kind} label={info.title} description={info.description} checked={!off.includes(info.kind)}
          onChange={(event) => onChange(event.currentTarget.checked ? off.filter((kind) => kind !== info.kind) : [...off, info.kind])} />
      ))}
    </Stack>
  );
}
