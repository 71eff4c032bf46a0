import { Link } from "wouter";
import { useTexts } from "../../../i18n/texts";
import { adminTexts } from "../../../texts/admin";
import { useAllRooms, useDepartments, usePages } from "../parts/data";
import { answer, api } from "../../../api/client";
import { PageHead } from "../parts/Page";

/** What a new hospital does first. Brief: only as long as something is missing. */
export function FirstSteps({ isBrief = false }: { isBrief?: boolean }) {
  const t = useTexts(adminTexts);
  const departments = useDepartments();
  const rooms = useAllRooms();
  // The first page tells: a hospital with more accounts than that has doctors.
  const staff = usePages(["staff-first"], (query) => answer(api.GET("/api/v1/staff", { params: { query } })));
  const links = usePages(["links"], (query) => answer(api.GET("/api/v1/links", { params: { query } })));
  const isRead = departments.isSuccess && rooms.isSuccess && !staff.isPending && !links.isPending;
  const steps = [
    { id: "departments", path: "/admin/places", isDone: (departments.data?.length ?? 0) > 0 },
    { id: "rooms", path: "/admin/places", isDone: (rooms.data?.length ?? 0) > 0 },
    {
      id: "staff",
      path: "/admin/staff",
      isDone: staff.isPartial || staff.items.some((one) => one.role === "DOCTOR"),
    },
    {
      id: "poster",
      path: "/admin/links",
      isDone: links.items.some((one) => one.state === "active" && one.kind !== "single_use"),
    },
  ] as const;
  if (isBrief && (!isRead || steps.every((step) => step.isDone))) return null;
  return (
    <>
      {!isBrief && <PageHead title={t("first_title")} lead={t("first_lead")} />}
      <section className="card stack" aria-label={t("first_steps")}>
        <h2>{t("first_steps")}</h2>
        <ol className="admin-steps">
          {steps.map((step) => (
            <li key={step.id} data-done={step.isDone ? "" : undefined}>
              <span>
                <strong>{t(`first_${step.id}`)}</strong>
                <br />
                <span className="muted small">{step.isDone ? t("done") : t(`first_${step.id}_text`)}</span>
              </span>
              {!step.isDone && (
                <Link className="button" data-size="small" href={step.path}>
                  {t("go_there")}
                </Link>
              )}
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}
