import { Box, Group } from "@mantine/core";
import type { ReactNode } from "react";

import { Brand } from "@/components/Brand";
import { ColorSchemeSwitch } from "@/components/ColorSchemeSwitch";
import classes from "./room.module.css";

/** Frame holds the pages around a call: lobby, waiting room, end. */
export function Frame({ children, wide = false }: { children: ReactNode; wide?: boolean }) {
  return (
    <Box className={classes.page}>
      <header className={classes.header}>
        <Group justify="space-between" wrap="nowrap" w="100%">
          <Brand />
          <ColorSchemeSwitch />
        </Group>
      </header>
      <main className={wide ? classes.wide : classes.narrow}>{children}</main>
    </Box>
  );
}
