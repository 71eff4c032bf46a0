import {
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
} from "react-aria-components";
import "./overlays.css";

export interface Option {
  id: string;
  label: string;
  detail?: string;
}

interface Props {
  label: string;
  options: readonly Option[];
  value: string | null;
  onChange: (id: string) => void;
  placeholder?: string;
  /** Keeps the label for screen readers only. */
  isLabelHidden?: boolean;
}

/** One of several, with type-ahead; reads right in both directions. */
export function Select({ label, options, value, onChange, placeholder, isLabelHidden = false }: Props) {
  return (
    <AriaSelect
      className="field"
      value={value}
      onChange={(key) => key !== null && onChange(String(key))}
      {...(placeholder === undefined ? {} : { placeholder })}
    >
      <Label className={isLabelHidden ? "visually-hidden" : "label"}>{label}</Label>
      <Button className="input select">
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </Button>
      <Popover className="popover">
        <ListBox className="listbox" items={options}>
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.label} className="listbox-item">
              <bdi>{option.label}</bdi>
              {option.detail !== undefined && <span className="muted small"> {option.detail}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
