import { Anchor, Box, Button, Container, Group, Menu, Text } from "@mantine/core";
import { IconCalendar, IconListDetails, IconLogout, IconUser, IconUsers } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, useLocation, useRoute } from "wouter";

import { messageOf } from "@/api/client";
import { useAuth } from "@/hooks/useAuth";
import { Brand } from "./Brand";
import { ColorSchemeSwitch } from "./ColorSchemeSwitch";
import { DiskWarning } from "./DiskWarning";
import { notifyError } from "./notify";
import classes from "./Shell.module.css";

/** Shell is the frame of every signed-in page: where one is, who one is. */
export function Shell({ children }: { children: ReactNode }) {
  // The review page needs the width: two pictures, a time axis and a list.
  const [wide] = useRoute("/interviews/:id/review");
  return (
    <Box className={classes.page}>
      <header className={classes.header}>
        <Container size={wide ? "100%" : "lg"} h="100%">
          <Group h="100%" justify="space-between" wrap="nowrap">
            <Group gap="xl" wrap="nowrap">
              <Anchor component={Link} href="/" underline="never" c="inherit" aria-label="Bonafide, all interviews"><Brand /></Anchor>
              <Navigation />
            </Group>
            <Group gap={4} wrap="nowrap">
              <ColorSchemeSwitch />
              <AccountMenu />
            </Group>
          </Group>
        </Container>
      </header>
      <Container component="main" size={wide ? "100%" : "lg"} py="lg">
        <DiskWarning />
        {children}
      </Container>
    </Box>
  );
}

function Navigation() {
  const { can } = useAuth();
  const [location] = useLocation();
  if (!can("user.manage") && !can("log.read")) return null;
  const item = (href: string, active: boolean, label: string, icon: ReactNode) => (
    <Button component={Link} href={href} size="compact-md" variant={active ? "light" : "subtle"} color={active ? "accent" : "gray"}
      aria-current={active ? "page" : undefined} leftSection={icon}>{label}</Button>
  );
  return (
    <Group component="nav" gap={4} wrap="nowrap" visibleFrom="sm">
      {item("/", location !== "/users" && location !== "/log", "Interviews", <IconCalendar size={16} stroke={1.6} />)}
      {can("user.manage") && item("/users", location === "/users", "Accounts", <IconUsers size={16} stroke={1.6} />)}
      {can("log.read") && item("/log", location === "/log", "Server log", <IconListDetails size={16} stroke={1.6} />)}
    </Group>
  );
}

function AccountMenu() {
  const { me, can, signOut } = useAuth();
  const leave = () => {
    signOut().catch((error: unknown) => notifyError("You are still signed in", messageOf(error)));
  };
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <Button variant="subtle" color="gray" leftSection={<IconUser size={16} stroke={1.6} />} aria-label={`Account: ${me?.user.name ?? ""}`}>
          <Text size="sm" className="truncate" maw={{ base: 90, sm: 180 }} title={me?.user.name}>{me?.user.name}</Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className="truncate" title={me?.user.email}>{me?.user.email}</Menu.Label>
        <Menu.Item component={Link} href="/" leftSection={<IconCalendar size={16} stroke={1.6} />}>Interviews</Menu.Item>
        {can("user.manage") && (
          <Menu.Item component={Link} href="/users" leftSection={<IconUsers size={16} stroke={1.6} />}>Accounts</Menu.Item>
        )}
        {can("log.read") && (
          <Menu.Item component={Link} href="/log" leftSection={<IconListDetails size={16} stroke={1.6} />}>Server log</Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.6} />} onClick={leave}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
