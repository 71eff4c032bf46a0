import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../../api/client";
import { failureOf } from "../../api/problem";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { adminTexts } from "../../texts/admin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Loading } from "../../ui/states";
import type { PartProps } from "./Admin";
import { InviteDialog } from "./InviteDialog";
import { Scroll, Twice } from "./parts";

type Person = Schemas["StaffView"];

/** Who works here. */
export function Staff({ departments }: PartProps) {
  const t = useTexts(adminTexts);
  const [edited, setEdited] = useState<Person | "new" | null>(null);
  const staff = useQuery({
    queryKey: ["staff"],
    queryFn: async () =>
      (await answer(api.GET("/api/v1/staff", { params: { query: { limit: 200 } } }))).items,
  });
  return (
    <section className="card stack">
      <div className="row spread">
        <h2>{t("part_staff")}</h2>
        <Button kind="primary" onClick={() => setEdited("new")}>
          {t("invite")}
        </Button>
      </div>
      <ErrorText error={staff.error === null ? null : failureOf(staff.error)} />
      {staff.isPending && <Loading />}
      <Scroll label={t("part_staff")}>
        <table className="admin-table">
          <thead>
            <tr>
              <th scope="col">{t("name")}</th>
              <th scope="col">{t("role")}</th>
              <th scope="col">{t("departments")}</th>
              <th scope="col">{t("status")}</th>
              <th scope="col">{t("edit")}</th>
            </tr>
          </thead>
          <tbody>
            {staff.data?.map((person) => (
              <Row
                key={person.id}
                person={person}
                departments={departments}
                onEdit={() => setEdited(person)}
              />
            ))}
          </tbody>
        </table>
      </Scroll>
      {edited !== null && (
        <InviteDialog
          person={edited === "new" ? null : edited}
          departments={departments}
          onClose={() => setEdited(null)}
        />
      )}
    </section>
  );
}

interface RowProps extends PartProps {
  person: Person;
  onEdit: () => void;
}

function Row({ person, departments, onEdit }: RowProps) {
  const t = useTexts(adminTexts);
  const codes = departments
    .filter((one) => person.departments.includes(one.department_id))
    .map((one) => one.code);
  const tone = person.status === "ACTIVE" ? "good" : person.status === "INVITED" ? "calm" : "warn";
  return (
    <tr>
      <th scope="row">
        <bdi>{person.name}</bdi>
        <br />
        <bdi className="muted small">{person.email}</bdi>
      </th>
      <td>{t(`role_${person.role}`)}</td>
      <td>{person.all_departments ? t("all_departments") : codes.join(" ")}</td>
      <td>
        <span className="row">
          <span className="badge" data-tone={tone}>
            {t(person.status)}
          </span>
          {person.second_factor && <span className="badge">{t("second_factor")}</span>}
        </span>
      </td>
      <td>
        <Acts person={person} onEdit={onEdit} />
      </td>
    </tr>
  );
}

function Acts({ person, onEdit }: { person: Person; onEdit: () => void }) {
  const t = useTexts(adminTexts);
  const client = useQueryClient();
  const act = useRequest<unknown>();
  const path = `/api/v1/staff/${person.id}`;
  async function run(method: "POST" | "DELETE", end: string): Promise<void> {
    await act.succeeds({ method, path: `${path}/${end}`, body: undefined });
    await client.invalidateQueries({ queryKey: ["staff"] });
  }
  return (
    <div className="row">
      <Button size="small" onClick={onEdit}>
        {t("edit")} <span className="visually-hidden">{person.name}</span>
      </Button>
      {person.status === "INVITED" && (
        <>
          <Button size="small" isBusy={act.isPending} onClick={() => void run("POST", "invitation")}>
            {t("resend")}
          </Button>
          <Twice isBusy={act.isPending} onPress={() => void run("DELETE", "invitation")}>
            {t("take_back")}
          </Twice>
        </>
      )}
      {person.status === "ACTIVE" && (
        <>
          <Twice isBusy={act.isPending} onPress={() => void run("DELETE", "sessions")}>
            {t("end_sessions")}
          </Twice>
          <Twice isBusy={act.isPending} onPress={() => void run("POST", "disable")}>
            {t("disable")}
          </Twice>
        </>
      )}
      {person.second_factor && (
        <Twice isBusy={act.isPending} onPress={() => void run("DELETE", "second-factor")}>
          {t("remove_second_factor")}
        </Twice>
      )}
      {person.status === "DISABLED" && (
        <Button size="small" isBusy={act.isPending} onClick={() => void run("POST", "enable")}>
          {t("enable")}
        </Button>
      )}
      <ErrorText error={act.error} />
    </div>
  );
}
