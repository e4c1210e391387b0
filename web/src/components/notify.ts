import { notifications } from "@mantine/notifications";

/** notifyError shows what failed and why until it is closed. */
export function notifyError(title: string, message: string) {
  notifications.show({ color: "red", title, message, autoClose: 10_000, closeButtonProps: { "aria-label": "Close message" } });
}

/** notifyDone confirms something that has no other visible trace. */
export function notifyDone(message: string) {
  notifications.show({ message, autoClose: 3_000, closeButtonProps: { "aria-label": "Close message" } });
}
