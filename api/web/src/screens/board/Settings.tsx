import { useState } from "react";
import type { Schemas } from "../../api/client";
import { LANGUAGES, LANGUAGE_CODES, type Language } from "../../i18n/languages";
import { useTexts } from "../../i18n/texts";
import { boardTexts } from "../../texts/board";
import { Button } from "../../ui/Button";
import { LanguageChoice, ThemeChoice } from "../../ui/Preferences";
import type { BoardSettings } from "./settings";

interface Props {
  departments: readonly Schemas["DepartmentView"][];
  settings: BoardSettings | null;
  onDone: (settings: BoardSettings) => void;
}

/** What a television shows and says. Asked once; kept on the device. */
export function Settings({ departments, settings, onDone }: Props) {
  const t = useTexts(boardTexts);
  const [ids, setIds] = useState<readonly string[]>(settings?.departments ?? []);
  const [languages, setLanguages] = useState<readonly Language[]>(settings?.languages ?? []);
  return (
    <main className="board-settings">
      <form
        className="card stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (ids.length > 0) onDone({ departments: ids, languages });
        }}
      >
        <div className="row spread">
          <h1>{t("title")}</h1>
          <span className="row">
            <LanguageChoice />
            <ThemeChoice />
          </span>
        </div>
        <fieldset className="field">
          <legend>{t("choose")}</legend>
          {departments.map((one) => (
            <Check
              key={one.department_id}
              label={`${one.code} · ${one.name}`}
              isOn={ids.includes(one.department_id)}
              onChange={() => setIds(toggled(ids, one.department_id))}
            />
          ))}
        </fieldset>
        <fieldset className="field">
          <legend>
            {t("sound")}: {t("announce_in")}
          </legend>
          {LANGUAGE_CODES.map((code) => (
            <Check
              key={code}
              label={LANGUAGES[code].name}
              isOn={languages.includes(code)}
              onChange={() => setLanguages(toggled(languages, code))}
            />
          ))}
        </fieldset>
        <Button type="submit" kind="primary" size="big" isDisabled={ids.length === 0}>
          {t("start")}
        </Button>
      </form>
    </main>
  );
}

function toggled<T>(list: readonly T[], one: T): readonly T[] {
  return list.includes(one) ? list.filter((other) => other !== one) : [...list, one];
}

function Check({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: () => void }) {
  return (
    <label className="board-check">
      <input type="checkbox" checked={isOn} onChange={onChange} />
      <bdi>{label}</bdi>
    </label>
  );
}
