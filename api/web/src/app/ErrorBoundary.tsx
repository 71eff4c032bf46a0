import { Component, type ReactNode } from "react";

interface Props {
  /** Which screen it is: a failure of one leaves the others alone. */
  name: string;
  children: ReactNode;
}

interface State {
  failed: boolean;
}

/** Words in every language at once: whatever failed may have been the texts. */
const WORDS = [
  ["en", "This screen stopped working. Nothing that was saved is lost.", "Reload"],
  ["es", "Esta pantalla dejó de funcionar. Lo guardado no se ha perdido.", "Recargar"],
  ["fr", "Cet écran a cessé de fonctionner. Rien d’enregistré n’est perdu.", "Recharger"],
  ["ar", "توقفت هذه الشاشة عن العمل. لم يُفقد أي شيء محفوظ.", "إعادة التحميل"],
  ["hi", "यह स्क्रीन रुक गई है। सहेजा हुआ कुछ नहीं खोया।", "फिर लोड करें"],
] as const;

/** Keeps a failure to its screen, and helps the person on. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override componentDidCatch(): void {
    // A board or a kiosk has nobody who reloads.
    if (this.isUnattended()) setTimeout(() => location.reload(), 10_000);
  }

  private isUnattended(): boolean {
    return ["board", "kiosk"].includes(this.props.name);
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    const language = document.documentElement.lang;
    const [lang, text, action] = WORDS.find(([code]) => code === language) ?? WORDS[0];
    return (
      <main className="centre" role="alert" lang={lang}>
        <h1>MediQue</h1>
        <p>{text}</p>
        <button type="button" className="button" data-kind="primary" onClick={() => location.reload()}>
          {action}
        </button>
      </main>
    );
  }
}
