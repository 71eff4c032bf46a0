import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../../api/client";
import { failureOf } from "../../api/problem";
import { useTexts } from "../../i18n/texts";
import { adminTexts } from "../../texts/admin";
import { useTimes } from "../../time/times";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Empty, Loading } from "../../ui/states";
import { gapIn } from "./chain";
import { csv, save } from "./csv";
import { Scroll } from "./parts";

interface Wanted {
  visit_id?: string;
  from?: string;
  to?: string;
}

/** Who did what, in the order in which it happened; where numbers are missing, that is said first. */
export function Audit() {
  const t = useTexts(adminTexts);
  const times = useTimes();
  const [typed, setTyped] = useState({ visit: "", from: "", to: "" });
  const [wanted, setWanted] = useState<Wanted>(() => ({
    from: new Date(Date.now() - 3_600_000).toISOString(),
  }));
  const audit = useInfiniteQuery({
    queryKey: ["audit", wanted],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => {
      const query = { ...wanted, limit: 100, ...(pageParam === undefined ? {} : { cursor: pageParam }) };
      return answer(api.GET("/api/v1/audit", { params: { query } }));
    },
    getNextPageParam: (page) => page.next_cursor,
  });
  const entries = audit.data?.pages.flatMap((page) => page.items) ?? [];
  // What a visit left lies apart in the chain: only a whole stretch can be held against its numbers.
  const gap = wanted.visit_id === undefined ? gapIn(entries) : null;

  function search(): void {
    const visit = typed.visit.trim();
    setWanted({
      ...(visit === "" ? {} : { visit_id: visit }),
      ...(typed.from === "" ? {} : { from: new Date(typed.from).toISOString() }),
      ...(typed.to === "" ? {} : { to: new Date(typed.to).toISOString() }),
    });
  }

  return (
    <section className="card stack">
      <h2>{t("part_audit")}</h2>
      <form
        className="admin-search"
        onSubmit={(event) => {
          event.preventDefault();
          search();
        }}
      >
        <TextInput
          label={t("visit_id")}
          isOptional
          dir="ltr"
          value={typed.visit}
          onChange={(event) => setTyped({ ...typed, visit: event.target.value })}
        />
        <TextInput
          label={t("from")}
          type="datetime-local"
          value={typed.from}
          onChange={(event) => setTyped({ ...typed, from: event.target.value })}
        />
        <TextInput
          label={t("to")}
          type="datetime-local"
          value={typed.to}
          onChange={(event) => setTyped({ ...typed, to: event.target.value })}
        />
        <Button type="submit" kind="primary" isBusy={audit.isFetching}>
          {t("search")}
        </Button>
      </form>
      <ErrorText error={audit.error === null ? null : failureOf(audit.error)} />
      {wanted.visit_id === undefined && entries.length > 0 && (
        <p className="notice" data-tone={gap === null ? "good" : "danger"} role="status">
          {gap === null ? t("chain_whole") : t("chain_gap", { ...gap })}
        </p>
      )}
      {audit.isPending && <Loading />}
      {!audit.isPending && entries.length === 0 && <Empty title={t("nothing")} />}
      {entries.length > 0 && (
        <Scroll label={t("part_audit")}>
          <table className="admin-table">
            <thead>
              <tr>
                <th scope="col">{t("when")}</th>
                <th scope="col">{t("what")}</th>
                <th scope="col">{t("who")}</th>
                <th scope="col">{t("visit_id")}</th>
              </tr>
            </thead>
            <tbody dir="ltr">
              {entries.map((entry) => (
                <tr key={entry.event_id}>
                  <td>{times.dateTime(entry.occurred_at)}</td>
                  <td>{entry.event_type}</td>
                  <td>{entry.actor}</td>
                  <td className="admin-code">{entry.visit_id}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <div className="row">
        {audit.hasNextPage && (
          <Button isBusy={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
            {t("more")}
          </Button>
        )}
        <Button
          isDisabled={entries.length === 0}
          onClick={() =>
            save(
              "medique-audit.csv",
              csv([
                ["occurred_at", "event_type", "actor", "visit_id", "partition", "chain_seq", "hash"],
                ...entries.map((one) => [
                  ...[
                    one.occurred_at,
                    one.event_type,
                    one.actor,
                    one.visit_id,
                    one.partition,
                    one.chain_seq,
                    one.hash,
                  ],
                ]),
              ]),
            )
          }
        >
          {t("export")}
        </Button>
      </div>
    </section>
  );
}
