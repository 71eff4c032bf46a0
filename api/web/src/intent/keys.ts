import { randomKey } from "./key";
import { forget, recall, remember } from "./memory";

interface Kept {
  key: string;
  /** The write that the key belongs to; another write is another intent. */
  fingerprint: string;
}

/**
 * The key of an intent: the same for each try of the same write, until it is settled. With a `name` it survives a
 * reload, so that a page that died between sending and hearing goes on where it was.
 */
export class IntentKeys {
  private kept: Kept | null = null;

  constructor(private readonly name: string | null = null) {}

  keyFor(write: unknown): string {
    const fingerprint = JSON.stringify(write);
    const kept = this.kept ?? (this.name === null ? null : recall<Kept>("local", this.name));
    this.kept = kept?.fingerprint === fingerprint ? kept : { key: randomKey(), fingerprint };
    if (this.name !== null) remember("local", this.name, this.kept);
    return this.kept.key;
  }

  /** The outcome is known: whatever is wanted next is another intent. */
  settle(): void {
    this.kept = null;
    if (this.name !== null) forget("local", this.name);
  }
}
