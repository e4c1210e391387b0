import { ActionIcon, Tooltip, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";

const next = { auto: "light", light: "dark", dark: "auto" } as const;
const names = { auto: "as the system", light: "light", dark: "dark" } as const;
const icons = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon } as const;

/** ColorSchemeSwitch goes round: as the system, light, dark. */
export function ColorSchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = icons[colorScheme];
  const label = `Colours: ${names[colorScheme]}. Change to ${names[next[colorScheme]]}`;
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={() => setColorScheme(next[colorScheme])}>
        <Icon size={18} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}
