import { createTheme, type MantineColorsTuple } from "@mantine/core";

// The one accent: a quiet teal. Shade 7 on white and shade 4 on the dark
// background both reach a contrast of 4.5:1 for text.
const accent: MantineColorsTuple = [
  "#e6f6f8",
  "#d0ebef",
  "#a3d6de",
  "#72c0cc",
  "#4badbd",
  "#33a1b3",
  "#2291a4",
  "#0f7385",
  "#0b6474",
  "#065362",
];

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 7 },
  colors: { accent },
  defaultRadius: "md",
  cursorType: "pointer",
  headings: { fontWeight: "600" },
  components: {
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300, multiline: true, maw: 320 } },
    Modal: { defaultProps: { centered: true } },
  },
});
