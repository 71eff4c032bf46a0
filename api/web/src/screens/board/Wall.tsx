import { useEffect, useMemo, useState } from "react";
import type { Schemas } from "../../api/client";
import type { Language } from "../../i18n/languages";
import { useTexts } from "../../i18n/texts";
import { boardTexts } from "../../texts/board";
import { useFacility } from "../../app/Staff";
import { useNow, useTimes } from "../../time/times";
import { LiveBadge } from "../../ui/badges";
import { Button } from "../../ui/Button";
import { called, waiting, type Line } from "./lines";
import { useBoards, worst } from "./useBoards";
import { useWakeLock } from "./useWakeLock";
import { Voice } from "./voice";

type Department = Schemas["DepartmentView"];

interface Props {
  departments: readonly Department[];
  languages: readonly Language[];
  onEdit: () => void;
}

/** Cut off for so long, what is shown is called out of date, milliseconds. */
const STALE_MS = 20_000;
/** More waiting tokens than this are counted, not listed. */
const LISTED = 24;

export function Wall({ departments, languages, onEdit }: Props) {
  const t = useTexts(boardTexts);
  const times = useTimes();
  const facility = useFacility();
  const now = useNow(1_000);
  const voice = useMemo(() => new Voice(languages), [languages]);
  const isSilenced = useSilenced(voice, languages.length > 0);
  const boards = useBoards(
    departments.map((one) => one.department_id),
    (call) => voice.announce(call),
  );
  useWakeLock();
  const known = departments.flatMap((one) => boards.get(one.department_id) ?? []);
  const status = worst(known.map((board) => board.status));
  const isCut = known.length < departments.length || status.state === "offline" || status.state === "refused";
  const isStale = isCut && now - (status.freshAt ?? 0) > STALE_MS && known.length > 0;
  return (
    <div className="board" data-stale={isStale || undefined} data-count={departments.length}>
      <header className="board-head">
        <h1>
          <bdi>{facility.data?.name ?? t("title")}</bdi>
        </h1>
        <time className="board-clock">{times.clock(now)}</time>
      </header>
      <main id="content" className="board-departments">
        {departments.map((one) => (
          <Department
            key={one.department_id}
            department={one}
            lines={boards.get(one.department_id)?.lines ?? []}
          />
        ))}
      </main>
      <div role="alert">{isStale && <p className="board-stale">{t("stale")}</p>}</div>
      <footer className="board-foot">
        <LiveBadge status={status} />
        {status.freshAt !== null && <span>{t("as_of", { time: times.clock(status.freshAt) })}</span>}
        {isSilenced && (
          <span className="badge" data-tone="warn">
            {t("sound_blocked")}
          </span>
        )}
        <span className="board-tools row">
          <Button kind="quiet" size="small" onClick={onEdit}>
            {t("settings")}
          </Button>
          <Button kind="quiet" size="small" onClick={() => void document.documentElement.requestFullscreen()}>
            {t("full")}
          </Button>
        </span>
      </footer>
    </div>
  );
}

function Department({ department, lines }: { department: Department; lines: readonly Line[] }) {
  const t = useTexts(boardTexts);
  const calls = called(lines);
  const rest = waiting(lines);
  return (
    <section className="board-department" aria-labelledby={`d-${department.department_id}`}>
      <h2 id={`d-${department.department_id}`}>
        <bdi>{department.name}</bdi>
      </h2>
      <h3>{t("called")}</h3>
      <ul className="board-calls" aria-live="polite">
        {calls.map((line) => (
          // A repeated call is another version: the line is new, and shines again.
          <li key={`${line.visit_id}-${line.version}`} className="board-call">
            <span className="token">{line.token}</span>
            {line.room !== undefined && (
              <span className="board-room">
                {t("room")} <span className="token">{line.room}</span>
              </span>
            )}
          </li>
        ))}
        {calls.length === 0 && <li className="board-nobody">{t("nobody")}</li>}
      </ul>
      <h3>
        {t("waiting")} <span className="board-count">{rest.length}</span>
      </h3>
      <ul className="board-waiting">
        {rest.slice(0, LISTED).map((line) => (
          <li key={line.visit_id} className="token">
            {line.token}
          </li>
        ))}
        {rest.length > LISTED && <li className="board-more">{t("more", { count: rest.length - LISTED })}</li>}
      </ul>
      <p className="board-note">{t("waiting_note")}</p>
    </section>
  );
}

/** Whether the board is to speak and the browser does not let it yet. */
function useSilenced(voice: Voice, isWanted: boolean): boolean {
  const [isSilenced, setSilenced] = useState(false);
  useEffect(() => {
    if (!isWanted) return;
    const look = () => void voice.isAllowed().then((allowed) => setSilenced(!allowed));
    look();
    window.addEventListener("pointerdown", look);
    window.addEventListener("keydown", look);
    return () => {
      window.removeEventListener("pointerdown", look);
      window.removeEventListener("keydown", look);
    };
  }, [voice, isWanted]);
  return isWanted && isSilenced;
}
