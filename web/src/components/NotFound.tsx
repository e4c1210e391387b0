import { Button } from "@mantine/core";
import { Link } from "wouter";

import { Empty } from "./states";

/** NotFound answers an address that no page has. */
export function NotFound() {
  return (
    <Empty page title="There is no page at this address" action={<Button component={Link} href="/" variant="default">All interviews</Button>}>
      The link may be incomplete. Check it, or start from the list of interviews.
    </Empty>
  );
}
