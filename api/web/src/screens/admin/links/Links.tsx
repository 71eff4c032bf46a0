import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../../../api/client";
import { useTexts } from "../../../i18n/texts";
import { adminTexts } from "../../../texts/admin";
import { linksTexts } from "../../../texts/links";
import { useTimes } from "../../../time/times";
import { Button } from "../../../ui/Button";
import { ErrorText } from "../../../ui/ErrorText";
import { Select } from "../../../ui/staff/Select";
import { Empty, Loading } from "../../../ui/states";
import { ConfirmButton } from "../parts/ConfirmButton";
import { nameOf, useDepartments, usePages, type CheckInLink } from "../parts/data";
import { PageHead, ReadError, Said } from "../parts/Page";
import { DataTable, type Column } from "../parts/Table";
import { useAct } from "../parts/useAct";
import { Issue } from "./Issue";
import { Poster } from "./Poster";

const TONES: Readonly<Partial<Record<string, string>>> = {
  active: "good",
  revoked: "danger",
  expired: "warn",
};
const STATES = ["active", "used", "revoked", "expired"] as const;
const KINDS = ["poster", "single_use", "kiosk"] as const;

/** Links that let patients check in, on paper or sent to one of them. */
export default function Links() {
  const t = useTexts(linksTexts);
  const admin = useTexts(adminTexts);
  const times = useTimes();
  const client = useQueryClient();
  const departments = useDepartments();
  const links = usePages(["links"], (query) => answer(api.GET("/api/v1/links", { params: { query } })), true);
  const [state, setState] = useState("active");
  const [open, setOpen] = useState<CheckInLink | "issue" | null>(null);
  const [said, setSaid] = useState("");
  const shown = links.items.filter((link) => state === "all" || link.state === state);

  function changed(text: string): void {
    setSaid(text);
    void client.invalidateQueries({ queryKey: ["links"] });
  }

  const columns: Column<CheckInLink>[] = [
    {
      id: "department",
      head: t("department"),
      isName: true,
      cell: (link) => <bdi>{nameOf(departments.data, link.department_id)}</bdi>,
    },
    { id: "kind", head: t("kind"), cell: (link) => t(`kind_${known(KINDS, link.kind) ?? "single_use"}`) },
    {
      id: "state",
      head: t("state"),
      cell: (link) => (
        <span className="badge" data-tone={TONES[link.state]}>
          {t(`state_${known(STATES, link.state) ?? "active"}`)}
        </span>
      ),
    },
    { id: "issued", head: t("issued"), cell: (link) => times.dateTime(link.created_at) },
    { id: "expires", head: t("expires"), cell: (link) => times.dateTime(link.expires_at) },
    {
      id: "actions",
      head: "",
      cell: (link) =>
        link.state === "active" && (
          <Actions link={link} onShow={() => setOpen(link)} onRevoked={() => changed(t("revoked"))} />
        ),
    },
  ];

  return (
    <>
      <PageHead title={admin("nav_links")} lead={t("lead")}>
        <Button kind="primary" onClick={() => setOpen("issue")}>
          {t("issue")}
        </Button>
      </PageHead>
      <Said>{said}</Said>
      <div className="admin-toolbar">
        <Select
          label={t("state")}
          value={state}
          options={[
            { id: "all", label: t("every_state") },
            ...STATES.map((id) => ({ id, label: t(`state_${id}`) })),
          ]}
          onChange={setState}
        />
      </div>
      <ReadError error={links.error} again={links.again} />
      {links.isPending && <Loading />}
      {!links.isPending && shown.length === 0 && links.error === null && (
        <Empty title={t("none")}>{t("none_text")}</Empty>
      )}
      {shown.length > 0 && (
        <DataTable label={admin("nav_links")} columns={columns} rows={shown} keyOf={(link) => link.link_id} />
      )}
      {open === "issue" && <Issue onClose={() => setOpen(null)} onIssued={() => changed(t("issued_done"))} />}
      {open !== null && open !== "issue" && <Poster link={open} onClose={() => setOpen(null)} />}
    </>
  );
}

function known<T extends string>(all: readonly T[], text: string): T | undefined {
  return all.find((one) => one === text);
}

interface ActionsProps {
  link: CheckInLink;
  onShow: () => void;
  onRevoked: () => void;
}

function Actions({ link, onShow, onRevoked }: ActionsProps) {
  const t = useTexts(linksTexts);
  const act = useAct();
  async function revoke(): Promise<void> {
    const done = await act.run({ method: "DELETE", path: `/api/v1/links/${link.link_id}`, body: undefined });
    if (done !== null) onRevoked();
  }
  return (
    <div className="admin-actions">
      <Button size="small" onClick={onShow}>
        {t("poster")}
      </Button>
      <ConfirmButton
        question={t("revoke_question")}
        action={t("revoke")}
        isBusy={act.isPending}
        onConfirm={() => void revoke()}
      >
        {t("revoke")}
      </ConfirmButton>
      <ErrorText error={act.error} />
    </div>
  );
}
