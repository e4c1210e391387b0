import { Button, type ButtonProps } from "@mantine/core";
import { type ComponentPropsWithRef, forwardRef, type ReactNode } from "react";

import classes from "./room.module.css";

interface Props extends ButtonProps, Omit<ComponentPropsWithRef<"button">, keyof ButtonProps | "ref"> {
  /** What it does, for everybody who cannot see the icon. */
  name: string;
  /** The shorter word beside the icon. */
  text: string;
  /** A word short enough to stand below the icon on a phone; the same where it is missing. */
  brief?: string;
  icon: ReactNode;
}

/** ControlButton is one control of a call. */
export const ControlButton = forwardRef<HTMLButtonElement, Props>(function ControlButton({ name, text, brief = text, icon, className, ...rest }, ref) {
  // A popover's target is given a class of its own.
  const all = className === undefined ? classes.control : `${classes.control} ${className}`;
  return (
    <Button ref={ref} variant="default" aria-label={name} title={name} className={all} {...rest}>
      {icon}
      <span className={classes.word}>{text}</span>
      <span className={classes.brief}>{brief}</span>
    </Button>
  );
});
