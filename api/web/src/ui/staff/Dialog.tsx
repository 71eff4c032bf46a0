import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useTexts } from "../../i18n/texts";
import { commonTexts } from "../../texts/common";
import { Button } from "../Button";
import "./overlays.css";

interface Props {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  isWide?: boolean;
}

/** A dialog: takes the focus, keeps it, gives it back; closed by Escape. A click beside it loses nothing typed. */
export function Dialog({ title, isOpen, onClose, children, isWide = false }: Props) {
  const t = useTexts(commonTexts);
  return (
    <ModalOverlay className="overlay" isOpen={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Modal className={isWide ? "modal wide" : "modal"}>
        <AriaDialog className="dialog">
          <div className="row spread">
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            <Button kind="quiet" size="small" onClick={onClose}>
              {t("close")}
            </Button>
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
