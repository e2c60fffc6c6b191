/** Buttons, and links that look like them.  Every target is at least 32 px high. */

import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { Link, type LinkProps } from "../router";

export type ButtonKind = "plain" | "primary" | "danger" | "quiet";

const SHAPE =
  "inline-flex min-h-8 min-w-8 items-center justify-center gap-1.5 rounded-md border py-1 " +
  "text-sm font-medium no-underline whitespace-nowrap";

const KINDS: Record<ButtonKind, string> = {
  plain: "border-edge px-3 bg-surface text-ink hover:bg-raised",
  primary: "border-accent px-3 bg-accent text-on-accent hover:[filter:brightness(1.1)]",
  danger: "border-crit px-3 bg-crit text-on-crit hover:[filter:brightness(1.1)]",
  quiet: "border-transparent px-2 text-accent hover:bg-raised",
};

const OFF = "border-line px-3 bg-raised text-soft";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: ButtonKind;
  /** Something is under way: the button cannot be pressed, and says so. */
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({
  kind = "plain",
  busy = false,
  disabled,
  className = "",
  type = "button",
  children,
  ...rest
}: ButtonProps) {
  const off = disabled || busy;
  return (
    <button
      {...rest}
      type={type}
      disabled={off}
      aria-busy={busy || undefined}
      className={`${SHAPE} ${off ? OFF : KINDS[kind]} ${className}`}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

export interface LinkButtonProps extends LinkProps {
  kind?: ButtonKind;
  children: ReactNode;
}

export function LinkButton({ kind = "plain", className = "", ...rest }: LinkButtonProps) {
  return <Link {...rest} className={`link-button ${SHAPE} ${KINDS[kind]} ${className}`} />;
}

/** Something is under way; the words beside it say what. */
export function Spinner() {
  return (
    <span
      aria-hidden="true"
      className="inline-block size-3.5 shrink-0 animate-spin rounded-full border-2 border-current border-r-transparent"
    />
  );
}
