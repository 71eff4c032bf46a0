import { useId, type InputHTMLAttributes, type ReactNode, type TextareaHTMLAttributes } from "react";
import { useTexts } from "../i18n/texts";
import { commonTexts } from "../texts/common";

interface Common {
  label: string;
  hint?: string | undefined;
  /** What is wrong with it. */
  complaint?: string | null | undefined;
  isOptional?: boolean;
}

type InputProps = Common & Omit<InputHTMLAttributes<HTMLInputElement>, "id" | "className">;

export function TextInput({ label, hint, complaint, isOptional, ...input }: InputProps) {
  return (
    <Labelled {...{ label, hint, complaint, isOptional }}>
      {(wiring) => <input className="input" dir="auto" {...input} {...wiring} />}
    </Labelled>
  );
}

type AreaProps = Common & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "id" | "className">;

export function TextArea({ label, hint, complaint, isOptional, ...area }: AreaProps) {
  return (
    <Labelled {...{ label, hint, complaint, isOptional }}>
      {(wiring) => <textarea className="input" dir="auto" {...area} {...wiring} />}
    </Labelled>
  );
}

interface Wiring {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

type LabelledProps = { [K in keyof Common]: Common[K] | undefined } & {
  label: string;
  children: (wiring: Wiring) => ReactNode;
};

/** A label, a field, what helps with it and what is wrong with it, tied together for screen readers. */
export function Labelled({ label, hint, complaint, isOptional, children }: LabelledProps) {
  const t = useTexts(commonTexts);
  const id = useId();
  const isWrong = complaint !== null && complaint !== undefined;
  const described = [hint === undefined ? null : `${id}-hint`, isWrong ? `${id}-wrong` : null].filter(
    Boolean,
  );
  return (
    <div className="field">
      <label htmlFor={id}>
        {label} {isOptional === true && <span className="hint">({t("optional")})</span>}
      </label>
      {hint !== undefined && (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {children({
        id,
        "aria-describedby": described.length > 0 ? described.join(" ") : undefined,
        "aria-invalid": isWrong || undefined,
      })}
      {isWrong && (
        <span className="complaint" id={`${id}-wrong`}>
          {complaint}
        </span>
      )}
    </div>
  );
}

interface ChoiceProps<V extends string> {
  label: string;
  options: readonly { value: V; label: string }[];
  value: V | null;
  onChange: (value: V) => void;
  complaint?: string | null;
}

/** A few big answers of which one holds. */
export function Choice<V extends string>({ label, options, value, onChange, complaint }: ChoiceProps<V>) {
  const name = useId();
  const isWrong = complaint !== null && complaint !== undefined;
  return (
    <fieldset className="field" aria-describedby={isWrong ? `${name}-wrong` : undefined}>
      <legend dir="auto">{label}</legend>
      <div className="choice">
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
      {isWrong && (
        <span className="complaint" id={`${name}-wrong`}>
          {complaint}
        </span>
      )}
    </fieldset>
  );
}
