import { useState, type ReactNode } from "react";
import { useTexts } from "../../i18n/texts";
import { adminTexts } from "../../texts/admin";
import { Button } from "../../ui/Button";

export function Check({
  label,
  isOn,
  onChange,
}: {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) {
  return (
    <label className="row admin-check">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** Something grave: the first press asks, the second does it. */
export function Twice({
  children,
  onPress,
  isBusy,
}: {
  children: string;
  onPress: () => void;
  isBusy: boolean;
}) {
  const t = useTexts(adminTexts);
  const [isAsked, setAsked] = useState(false);
  return (
    <Button
      kind="danger"
      size="small"
      isBusy={isBusy}
      onBlur={() => setAsked(false)}
      onClick={() => {
        if (isAsked) onPress();
        setAsked(!isAsked);
      }}
    >
      {isAsked ? t("sure", { what: children }) : children}
    </Button>
  );
}

/** A wide thing that scrolls by itself, also by keyboard. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="admin-scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
