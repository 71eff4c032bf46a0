import { randomKey } from "./key";
import { forget, recall, remember } from "./memory";

interface Kept {
  key: string;
  /** Of the write that the key belongs to; another write is another intent. Tells nothing of what stands in it. */
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
    const fingerprint = hash(JSON.stringify(write));
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

/**
 * FNV-1a in two lanes: keeps what patients typed out of the storage. Two writes of the same hash would share a key,
 * and the api refuses a key that comes with another body.
 */
function hash(text: string): string {
  let [a, b] = [0x811c9dc5, 0x01234567];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ (code + at), 0x01000193);
  }
  return `${(a >>> 0).toString(16)}-${(b >>> 0).toString(16)}-${text.length}`;
}
