import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../../api/client";
import { failureOf } from "../../api/problem";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { adminTexts } from "../../texts/admin";
import { commonTexts } from "../../texts/common";
import { useTimes } from "../../time/times";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Empty } from "../../ui/states";
import { Select } from "../../ui/staff/Select";
import type { PartProps } from "./Admin";
import { Twice } from "./parts";
import { Poster } from "./Poster";

type Link = Schemas["LinkView"];

/** Check-in links: posters for walls, single links for patients. */
export function Links({ departments }: PartProps) {
  const t = useTexts(adminTexts);
  const [shown, setShown] = useState<Link | null>(null);
  const links = useQuery({
    queryKey: ["links"],
    queryFn: async () =>
      (await answer(api.GET("/api/v1/links", { params: { query: { limit: 100 } } }))).items,
  });
  return (
    <div className="admin-split">
      <NewLink departments={departments} onPoster={setShown} />
      <section className="card stack">
        <h2>{t("part_links")}</h2>
        <ErrorText error={links.error === null ? null : failureOf(links.error)} />
        {links.data?.length === 0 && <Empty title={t("nothing")} />}
        <ul className="stack tight">
          {links.data?.map((link) => (
            <Row key={link.link_id} link={link} departments={departments} onShow={() => setShown(link)} />
          ))}
        </ul>
      </section>
      {shown !== null && <Poster link={shown} departments={departments} onClose={() => setShown(null)} />}
    </div>
  );
}

interface NewLinkProps extends PartProps {
  onPoster: (link: Link) => void;
}

function NewLink({ departments, onPoster }: NewLinkProps) {
  const t = useTexts(adminTexts);
  const common = useTexts(commonTexts);
  const client = useQueryClient();
  const issue = useRequest<Schemas["Issued"]>();
  const [department, setDepartment] = useState(departments[0]?.department_id ?? null);
  const [kind, setKind] = useState("poster");
  const [days, setDays] = useState("30");
  const [made, setMade] = useState<Schemas["Issued"] | null>(null);
  async function send(): Promise<void> {
    const ttl = Math.max(1, Number(days) || 1) * 24 * 60;
    const body = { department_id: department, kind, ttl_minutes: ttl };
    const issued = await issue.run({ method: "POST", path: "/api/v1/links", body });
    await client.invalidateQueries({ queryKey: ["links"] });
    if (issued === null) return;
    if (kind === "poster") onPoster(issued.link);
    setMade(issued);
  }
  return (
    <form
      className="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <h2>{t("new_link")}</h2>
      <Select
        label={common("department")}
        options={departments.map((one) => ({ id: one.department_id, label: `${one.code} · ${one.name}` }))}
        value={department}
        onChange={setDepartment}
      />
      <Select
        label={t("kind")}
        options={[
          { id: "poster", label: t("poster") },
          { id: "single_use", label: t("single_use") },
        ]}
        value={kind}
        onChange={setKind}
      />
      <TextInput
        label={t("lasts_days")}
        inputMode="numeric"
        maxLength={3}
        value={days}
        onChange={(event) => setDays(event.target.value)}
      />
      <ErrorText error={issue.error} />
      <Button type="submit" kind="primary" isBusy={issue.isPending} isDisabled={department === null}>
        {t("new_link")}
      </Button>
      {made !== null && (
        <div className="notice" role="status">
          <p>{t("link_made")}</p>
          <code className="admin-code" dir="ltr">
            {made.url}
          </code>
        </div>
      )}
    </form>
  );
}

interface RowProps extends PartProps {
  link: Link;
  onShow: () => void;
}

const STATES = ["active", "expired", "revoked", "used"] as const;

function Row({ link, departments, onShow }: RowProps) {
  const t = useTexts(adminTexts);
  const times = useTimes();
  const client = useQueryClient();
  const revoke = useRequest<unknown>();
  const code = departments.find((one) => one.department_id === link.department_id)?.code ?? "";
  const state = STATES.find((one) => one === link.state);
  const isActive = link.state === "active";
  async function run(): Promise<void> {
    await revoke.succeeds({ method: "DELETE", path: `/api/v1/links/${link.link_id}`, body: undefined });
    await client.invalidateQueries({ queryKey: ["links"] });
  }
  return (
    <li className="admin-line">
      <span className="token">{code}</span>
      <span>
        {link.kind === "poster" ? t("poster") : t("single_use")}
        <br />
        <span className="muted small">{t("expires", { time: times.dateTime(link.expires_at) })}</span>
      </span>
      <span className="badge" data-tone={isActive ? "good" : undefined}>
        {state === undefined ? link.state : t(`state_${state}`)}
      </span>
      <span className="row">
        {isActive && link.kind === "poster" && (
          <Button size="small" onClick={onShow}>
            {t("show_poster")}
          </Button>
        )}
        {isActive && (
          <Twice isBusy={revoke.isPending} onPress={() => void run()}>
            {t("revoke")}
          </Twice>
        )}
      </span>
      <ErrorText error={revoke.error} />
    </li>
  );
}
