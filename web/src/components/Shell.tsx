import { Anchor, Box, Button, Container, Group, Menu, Text } from "@mantine/core";
import { IconCalendar, IconCards, IconFileSearch, IconClockHour4, IconListDetails, IconLogout, IconMenu2, IconUser, IconUserCog, IconUsers } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, useLocation, useRoute } from "wouter";

import { messageOf } from "@/api/client";
import type { Permission } from "@/gen/auth";
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

/** places are the pages that the header and the account's menu lead to, with the permission that each needs. */
const places: readonly { href: string; label: string; icon: typeof IconCalendar; needs?: Permission }[] = [
  { href: "/", label: "Interviews", icon: IconCalendar },
  { href: "/records", label: "Records", icon: IconFileSearch, needs: "record.search" },
  { href: "/run-sheets", label: "Run-sheets", icon: IconCards, needs: "template.edit" },
  { href: "/retention", label: "Retention", icon: IconClockHour4, needs: "retention.manage" },
  { href: "/users", label: "Accounts", icon: IconUsers, needs: "user.manage" },
  { href: "/log", label: "Server log", icon: IconListDetails, needs: "log.read" },
];

/** usePlaces are those that the account may open. */
function usePlaces() {
  const { can } = useAuth();
  return places.filter(({ needs }) => needs === undefined || can(needs));
}

function Navigation() {
  const [location] = useLocation();
  const open = usePlaces();
  if (open.length < 2) return null;
  const here = open.find(({ href }) => href === location || href !== "/" && location.startsWith(`${href}/`))?.href ?? (location === "/account" ? "" : "/");
  return (
    <Group component="nav" gap={4} wrap="nowrap" visibleFrom="md">
      {open.map(({ href, label, icon: Icon }) => (
        <Button key={href} component={Link} href={href} size="compact-md" variant={href === here ? "light" : "subtle"} color={href === here ? "accent" : "gray"}
          aria-current={href === here ? "page" : undefined} leftSection={<Icon size={16} stroke={1.6} />}>{label}</Button>
      ))}
    </Group>
  );
}

/** AccountIcon is a menu where the header has no room for the places, which the account's menu then holds. */
function AccountIcon() {
  return (
    <>
      <Box component="span" hiddenFrom="md" display="flex"><IconMenu2 size={18} stroke={1.6} /></Box>
      <Box component="span" visibleFrom="md" display="flex"><IconUser size={16} stroke={1.6} /></Box>
    </>
  );
}

function AccountMenu() {
  const { me, signOut } = useAuth();
  const open = usePlaces();
  const leave = () => {
    signOut().catch((error: unknown) => notifyError("You are still signed in", messageOf(error)));
  };
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <Button variant="subtle" color="gray" leftSection={<AccountIcon />} aria-label={`Account: ${me?.user.name ?? ""}`}>
          <Text size="sm" className="truncate" maw={{ base: 90, sm: 180 }} title={me?.user.name}>{me?.user.name}</Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className="truncate" title={me?.user.email}>{me?.user.email}</Menu.Label>
        {open.map(({ href, label, icon: Icon }) => (
          <Menu.Item key={href} component={Link} href={href} leftSection={<Icon size={16} stroke={1.6} />}>{label}</Menu.Item>
        ))}
        <Menu.Item component={Link} href="/account" leftSection={<IconUserCog size={16} stroke={1.6} />}>Your account</Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.6} />} onClick={leave}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
