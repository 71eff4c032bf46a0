import { format } from "../../i18n/format";
import { LANGUAGES, type Language } from "../../i18n/languages";
import { boardTexts } from "../../texts/board";
import type { Call } from "./lines";

/** `GM-042` as a voice reads it: letters one by one, then the number without its zeros. */
export function spoken(code: string): string {
  return code
    .split(/[-\s]+/)
    .map((part) =>
      /^\d+$/.test(part) ? String(Number(part)) : part.replace(/[A-Za-z](?=[A-Za-z\d])/g, "$& "),
    )
    .join(" ");
}

/** Speaks calls one after the other: a chime, then the call in each language. */
export class Voice {
  private audio: AudioContext | null = null;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly languages: readonly Language[]) {}

  /** Whether the browser lets the page be heard; it asks for a press first, unless it is told otherwise. */
  async isAllowed(): Promise<boolean> {
    if (!("AudioContext" in globalThis)) return false;
    this.audio ??= new AudioContext();
    const resumed = this.audio.resume().then(() => true);
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 500));
    return Promise.race([resumed, late]);
  }

  announce(call: Call): void {
    this.last = this.last.then(() => this.speak(call)).catch(() => undefined);
  }

  private async speak(call: Call): Promise<void> {
    if (await this.isAllowed()) await this.chime();
    for (const language of this.languages) {
      const messages = await boardTexts.load(language);
      const values = { token: spoken(call.token), room: spoken(call.room ?? "") };
      const text = messages[call.room === null ? "say_no_room" : "say"];
      await say(format(text, values, LANGUAGES[language].format), LANGUAGES[language].speech);
    }
  }

  /** Two soft tones, a third apart. */
  private async chime(): Promise<void> {
    const audio = this.audio;
    if (audio === null) return;
    for (const [index, hertz] of [659.3, 523.3].entries()) {
      const start = audio.currentTime + index * 0.35;
      const gain = audio.createGain();
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(0.3, start + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.001, start + 0.9);
      const tone = audio.createOscillator();
      tone.frequency.value = hertz;
      tone.connect(gain).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 1);
    }
    await new Promise((resolve) => setTimeout(resolve, 1_200));
  }
}

/** Resolves when it is said, or when the machine has no voice, or lost it half way. */
function say(text: string, language: string): Promise<void> {
  if (!("speechSynthesis" in globalThis)) return Promise.resolve();
  return new Promise((resolve) => {
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = language;
    utterance.rate = 0.9;
    const limit = setTimeout(resolve, 15_000);
    utterance.onend = utterance.onerror = () => {
      clearTimeout(limit);
      resolve();
    };
    speechSynthesis.speak(utterance);
  });
}
