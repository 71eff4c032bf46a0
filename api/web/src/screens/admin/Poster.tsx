import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { answer, api, type Schemas } from "../../api/client";
import { failureOf } from "../../api/problem";
import { useTexts } from "../../i18n/texts";
import { adminTexts } from "../../texts/admin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Dialog } from "../../ui/staff/Dialog";
import type { PartProps } from "./Admin";
import { saveBlob } from "./csv";

interface Props extends PartProps {
  link: Schemas["LinkView"];
  onClose: () => void;
}

/** The poster as it is printed. Its picture needs a credential, so it is fetched and shown from memory. */
export function Poster({ link, departments, onClose }: Props) {
  const t = useTexts(adminTexts);
  const name = departments.find((one) => one.department_id === link.department_id)?.name ?? "";
  const poster = useQuery({
    queryKey: ["poster", link.link_id],
    staleTime: Infinity,
    queryFn: async () => {
      const params = { path: { link_id: link.link_id } };
      return answer(api.GET("/api/v1/links/{link_id}/poster.png", { params, parseAs: "blob" }));
    },
  });
  const address = useAddress(poster.data ?? null);
  return (
    <Dialog title={name} isOpen onClose={onClose}>
      <ErrorText error={poster.error === null ? null : failureOf(poster.error)} />
      {address !== null && <img className="admin-poster" src={address} alt={`${t("poster")} ${name}`} />}
      <div className="row">
        <Button kind="primary" onClick={() => window.print()}>
          {t("print")}
        </Button>
        <Button onClick={() => poster.data !== undefined && saveBlob("medique-poster.png", poster.data)}>
          {t("save_picture")}
        </Button>
      </div>
    </Dialog>
  );
}

function useAddress(blob: Blob | null): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (blob === null) return;
    const made = URL.createObjectURL(blob);
    // eslint-disable-next-line react-hooks/set-state-in-effect
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return address;
}
