import type { ButtonHTMLAttributes, ReactNode } from "react";

interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled"> {
  kind?: "primary" | "plain" | "danger" | "quiet";
  size?: "big" | "small" | "normal";
  wide?: boolean;
  /** Under way: shows that, and does nothing when pressed. */
  isBusy?: boolean;
  /** Stays focusable, so that a screen reader finds it and learns why. */
  isDisabled?: boolean;
  children: ReactNode;
}

export function Button(props: Props) {
  const {
    kind = "plain",
    size = "normal",
    wide,
    isBusy = false,
    isDisabled = false,
    onClick,
    ...rest
  } = props;
  const isIdle = !isBusy && !isDisabled;
  return (
    <button
      type="button"
      {...rest}
      className={`button ${rest.className ?? ""}`}
      data-kind={kind}
      data-size={size}
      data-wide={wide === true ? "" : undefined}
      aria-disabled={isIdle ? undefined : true}
      aria-busy={isBusy || undefined}
      onClick={(event) => {
        if (isIdle) onClick?.(event);
        else event.preventDefault();
      }}
    >
      {isBusy && <span className="spinner" aria-hidden="true" />}
      {rest.children}
    </button>
  );
}
