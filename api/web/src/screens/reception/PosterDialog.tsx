import { useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import type { Department } from "../../hospital/useDepartments";
import { useTexts } from "../../i18n/texts";
import { receptionTexts } from "../../texts/reception";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Dialog } from "../../ui/staff/Dialog";
import { Empty, Loading } from "../../ui/states";
import "../admin/admin.css";
import { PosterSheet } from "../admin/links/Poster";
import { usePages } from "../admin/parts/data";
import { ReadError } from "../admin/parts/Page";
import { useAct } from "../admin/parts/useAct";
import { posterOf } from "./poster";

const TTL_MINUTES = 30 * 24 * 60;

/** The poster of a department, to print; made here when there is none. */
export default function PosterDialog({
  department,
  onClose,
}: {
  department: Department;
  onClose: () => void;
}) {
  const t = useTexts(receptionTexts);
  const client = useQueryClient();
  const links = usePages(["links"], (query) => answer(api.GET("/api/v1/links", { params: { query } })), true);
  const act = useAct<Schemas["Issued"]>();
  const poster = posterOf(links.items, department.department_id);
  const isReading = poster === null && (links.isPending || links.isPartial) && links.error === null;

  async function make(): Promise<void> {
    const body = { department_id: department.department_id, kind: "poster", ttl_minutes: TTL_MINUTES };
    const done = await act.run({ method: "POST", path: "/api/v1/links", body });
    if (done !== null) await client.invalidateQueries({ queryKey: ["links"] });
  }

  return (
    <Dialog title={`${t("poster")} · ${department.name}`} isOpen isWide onClose={onClose}>
      <ReadError error={links.error} again={links.again} />
      {isReading && <Loading />}
      {poster !== null && <PosterSheet link={poster} />}
      {poster === null && !isReading && links.error === null && (
        <>
          <Empty title={t("poster_none")}>{t("poster_none_text")}</Empty>
          <ErrorText error={act.error} />
          <div className="row">
            <Button kind="primary" isBusy={act.isPending} onClick={() => void make()}>
              {t("poster_make")}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
