import { useState } from "react";
import { useTexts } from "../../i18n/texts";
import { visitTexts } from "../../texts/visit";
import { Button } from "../../ui/Button";

/** Asks for notifications when the patient wants them, never before. */
export function NotifyChoice() {
  const t = useTexts(visitTexts);
  const [permission, setPermission] = useState(() =>
    "Notification" in globalThis ? Notification.permission : null,
  );
  if (permission === null) return null;
  if (permission === "default") {
    return (
      <Button onClick={() => void Notification.requestPermission().then(setPermission)}>{t("notify")}</Button>
    );
  }
  return <p className="muted small">{t(permission === "granted" ? "notify_on" : "notify_off")}</p>;
}
