import { useState, type ReactNode } from "react";
import { useTexts } from "../../../i18n/texts";
import { commonTexts } from "../../../texts/common";
import { Button } from "../../../ui/Button";

interface Props {
  children: ReactNode;
  /** What will happen, in one sentence. */
  question: string;
  /** The word of the button that does it. */
  action: string;
  onConfirm: () => void;
  isBusy?: boolean;
  isDisabled?: boolean;
  size?: "small" | "normal";
}

/** A button for what cannot be taken back: asks in its place before it does it. */
export function ConfirmButton(props: Props) {
  const { children, question, action, onConfirm, isBusy = false, isDisabled = false, size = "small" } = props;
  const t = useTexts(commonTexts);
  const [isAsking, setIsAsking] = useState(false);
  if (!isAsking && !isBusy) {
    return (
      <Button kind="danger" size={size} isDisabled={isDisabled} onClick={() => setIsAsking(true)}>
        {children}
      </Button>
    );
  }
  return (
    <span className="admin-confirm" role="group" aria-label={question}>
      <span className="small">{question}</span>
      <Button
        kind="danger"
        size={size}
        isBusy={isBusy}
        onClick={() => {
          setIsAsking(false);
          onConfirm();
        }}
      >
        {action}
      </Button>
      <Button kind="quiet" size={size} autoFocus onClick={() => setIsAsking(false)}>
        {t("cancel")}
      </Button>
    </span>
  );
}
