import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import { useServerInfo } from "@/api/queries";

/** DiskWarning tells everybody that the server is about to run out of space. */
export function DiskWarning() {
  const server = useServerInfo();
  if (!server.data?.disk_low) return null;
  return (
    <Alert color="orange" variant="light" mb="lg" role="status" icon={<IconAlertTriangle size={18} />} title="The server's disk is almost full">
      Recordings may stop. Free space, or ask the operator to, before the next interview.
    </Alert>
  );
}
