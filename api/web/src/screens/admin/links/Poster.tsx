import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { answer, api } from "../../../api/client";
import { useTexts } from "../../../i18n/texts";
import { linksTexts } from "../../../texts/links";
import { Button } from "../../../ui/Button";
import { Dialog } from "../../../ui/staff/Dialog";
import { Loading } from "../../../ui/states";
import { download } from "../parts/csv";
import { nameOf, useDepartments, type CheckInLink } from "../parts/data";
import { ReadError } from "../parts/Page";

/** The poster of a link. */
export function Poster({ link, onClose }: { link: CheckInLink; onClose: () => void }) {
  const t = useTexts(linksTexts);
  const departments = useDepartments();
  return (
    <Dialog
      title={`${t("poster")} · ${nameOf(departments.data, link.department_id)}`}
      isOpen
      isWide
      onClose={onClose}
    >
      <PosterSheet link={link} />
    </Dialog>
  );
}

/** The sheet as it will be printed, to keep or to print. The picture is fetched: the credential is no part of an address. */
export function PosterSheet({ link }: { link: CheckInLink }) {
  const t = useTexts(linksTexts);
  const departments = useDepartments();
  const params = { path: { link_id: link.link_id } };
  const svg = useQuery({
    queryKey: ["poster", link.link_id, "svg"],
    queryFn: async () =>
      pictureOf(
        await answer(api.GET("/api/v1/links/{link_id}/poster.svg", { params, parseAs: "blob" })),
        "image/svg+xml",
      ),
  });
  const png = useQuery({
    queryKey: ["poster", link.link_id, "png"],
    enabled: false,
    queryFn: async () =>
      pictureOf(
        await answer(api.GET("/api/v1/links/{link_id}/poster.png", { params, parseAs: "blob" })),
        "image/png",
      ),
  });
  const address = useAddress(svg.data);
  const code = departments.data?.find((one) => one.department_id === link.department_id)?.code ?? "link";
  async function savePng(): Promise<void> {
    const { data } = await png.refetch();
    if (data !== undefined) download(`medique-poster-${code}.png`, data);
  }
  return (
    <div className="stack">
      <div className="row no-print">
        <Button kind="primary" isDisabled={address === null} onClick={() => window.print()}>
          {t("print")}
        </Button>
        <Button
          isDisabled={svg.data === undefined}
          onClick={() => svg.data !== undefined && download(`medique-poster-${code}.svg`, svg.data)}
        >
          {t("save_svg")}
        </Button>
        <Button isBusy={png.isFetching} onClick={() => void savePng()}>
          {t("save_png")}
        </Button>
      </div>
      <ReadError error={svg.error ?? png.error} again={() => void svg.refetch()} />
      {svg.isPending && <Loading />}
      {address !== null && (
        <div className="admin-poster">
          <img
            src={address}
            alt={t("poster_alt", { department: nameOf(departments.data, link.department_id) })}
          />
        </div>
      )}
    </div>
  );
}

function pictureOf(data: unknown, type: string): Blob {
  return new Blob([data as Blob], { type });
}

/** An address of something in memory, for as long as it is shown. */
function useAddress(blob: Blob | undefined): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (blob === undefined) return;
    const made = URL.createObjectURL(blob);
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the address lives outside of React and must be given back
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return address;
}
