import { useState } from "react";
import type { Department } from "../../hospital/useDepartments";
import type { QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { useIntent } from "../../intent/useIntent";
import { receptionTexts } from "../../texts/reception";
import { useTimes } from "../../time/times";
import { LevelBadge, StateBadge } from "../../ui/badges";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Dialog } from "../../ui/staff/Dialog";
import { Select } from "../../ui/staff/Select";
import { actionsFor, GRAVE, writeOf, type Action } from "./actions";

interface Props {
  item: QueueItem;
  department: Department;
  departments: readonly Department[];
  onClose: () => void;
  onDone: () => void;
}

/** One visit, and what can be done with it. */
export function VisitDialog({ item, department, departments, onClose, onDone }: Props) {
  const t = useTexts(receptionTexts);
  const times = useTimes();
  const intent = useIntent();
  const [asked, setAsked] = useState<Action | null>(null);
  const [reason, setReason] = useState("");
  const [target, setTarget] = useState<string | null>(null);
  const others = departments.filter((one) => one.department_id !== department.department_id);

  async function run(action: Action): Promise<void> {
    const more = action === "transfer" ? { department_id: target } : {};
    const answer = await intent.run(writeOf(item, action, reason, more));
    onDone();
    if (answer !== null) onClose();
  }
  function press(action: Action): void {
    if (action === "transfer" || GRAVE.includes(action)) {
      intent.clear();
      setAsked(action);
    } else void run(action);
  }

  return (
    <Dialog title={`${item.token ?? ""} ${item.name ?? ""}`} isOpen onClose={onClose}>
      <div className="row">
        <LevelBadge level={item.level} withWords />
        <StateBadge state={item.state} />
        <span className="muted">{times.clock(item.arrived_at)}</span>
      </div>
      {item.complaint !== undefined && <p dir="auto">{item.complaint}</p>}
      {item.needs_review && (
        <p className="notice" data-tone="warn">
          {t("review")}
        </p>
      )}
      {item.why !== undefined && (
        <p className="muted small">
          {t("why")} {t(`why_${item.why.reason as "immediate"}`)}.
        </p>
      )}
      {asked === null ? (
        <div className="reception-actions">
          {actionsFor(item).map((action) => (
            <Button
              key={action}
              kind={GRAVE.includes(action) ? "danger" : "plain"}
              isBusy={intent.isPending}
              onClick={() => press(action)}
            >
              {t(action)}
            </Button>
          ))}
        </div>
      ) : (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (asked !== "transfer" || target !== null) void run(asked);
          }}
        >
          {asked === "transfer" && (
            <Select
              label={t("transfer_to")}
              options={others.map((one) => ({ id: one.department_id, label: `${one.code} · ${one.name}` }))}
              value={target}
              onChange={setTarget}
            />
          )}
          <TextInput
            label={t("reason_for", { what: t(asked) })}
            maxLength={200}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <div className="row">
            <Button
              type="submit"
              kind={asked === "transfer" ? "primary" : "danger"}
              isBusy={intent.isPending}
              isDisabled={asked === "transfer" && target === null}
            >
              {t("confirm")}
            </Button>
            <Button kind="quiet" onClick={() => setAsked(null)}>
              {t("actions")}
            </Button>
          </div>
        </form>
      )}
      <ErrorText error={intent.error} />
    </Dialog>
  );
}
