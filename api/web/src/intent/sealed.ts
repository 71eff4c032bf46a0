/**
 * What people typed and has not been sent, and the credential of a patient's visit: kept in this browser, and
 * encrypted with a key that never leaves it, so that neither a copy of its storage nor a script that reads it tells
 * anything. Without HTTPS there is no such key: then things are remembered as long as the page lives.
 */
import { get, update } from "idb-keyval";
import { forget, namesOf, recall, remember, type Where } from "./memory";

/** Under this name the key lies in the browser's database; it can be used there, and not be read. */
const KEY = "medique.seal";
const PREFIX = "medique.sealed.";
const CIPHER = { name: "AES-GCM", length: 256 } as const;
/** Octets, as NIST SP 800-38D recommends. */
const NONCE = 12;

let key: CryptoKey | null = null;
const opened = new Map<string, string>();
let writes: Promise<void> = Promise.resolve();

/** Opens what was sealed before. To be awaited before anything is recalled. */
export async function unseal(): Promise<void> {
  key = await ownKey();
  for (const where of ["local", "session"] as const) {
    for (const name of namesOf(where, PREFIX)) await open(where, name.slice(PREFIX.length));
  }
  // Another tab of this browser.
  globalThis.addEventListener("storage", ({ key: name }) => {
    if (name?.startsWith(PREFIX) === true) void open("local", name.slice(PREFIX.length));
  });
}

async function ownKey(): Promise<CryptoKey | null> {
  // Not there on pages without HTTPS, whatever the types say.
  const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) return null;
  try {
    const fresh = await subtle.generateKey(CIPHER, false, ["encrypt", "decrypt"]);
    // Of two tabs that make one at the same moment, both get the first.
    await update<CryptoKey>(KEY, (known) => known ?? fresh);
    return (await get<CryptoKey>(KEY)) ?? null;
  } catch {
    return null;
  }
}

async function open(where: Where, name: string): Promise<void> {
  const sealed = recall<string>(where, PREFIX + name);
  const at = `${where} ${name}`;
  if (sealed === null || key === null) {
    opened.delete(at);
    return;
  }
  try {
    const bytes = Uint8Array.from(atob(sealed), (char) => char.charCodeAt(0));
    const clear = await crypto.subtle.decrypt(cipher(bytes.slice(0, NONCE), at), key, bytes.slice(NONCE));
    opened.set(at, new TextDecoder().decode(clear));
  } catch {
    // of a key that is gone: nobody can read it any more
    forget(where, PREFIX + name);
  }
}

/** What is sealed under one name cannot be put under another. */
function cipher(iv: Uint8Array<ArrayBuffer>, at: string) {
  return { name: CIPHER.name, iv, additionalData: new TextEncoder().encode(at) };
}

export function recallSealed<T>(where: Where, name: string): T | null {
  const text = opened.get(`${where} ${name}`);
  return text === undefined ? null : (JSON.parse(text) as T);
}

/** Remembers at once for this page, and for the next one a moment later. */
export function rememberSealed(where: Where, name: string, value: unknown): void {
  const at = `${where} ${name}`;
  const text = JSON.stringify(value);
  opened.set(at, text);
  writes = writes.then(() => write(where, name, text)).catch(() => undefined);
}

async function write(where: Where, name: string, text: string): Promise<void> {
  const at = `${where} ${name}`;
  // Typed over, or forgotten, while it waited.
  if (key === null || opened.get(at) !== text) return;
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
  const sealed = await crypto.subtle.encrypt(cipher(nonce, at), key, new TextEncoder().encode(text));
  if (opened.get(at) !== text) return;
  const bytes = [...nonce, ...new Uint8Array(sealed)];
  remember(where, PREFIX + name, btoa(bytes.map((byte) => String.fromCharCode(byte)).join("")));
}

export function forgetSealed(where: Where, name: string): void {
  opened.delete(`${where} ${name}`);
  forget(where, PREFIX + name);
}

/** Settles when everything remembered so far is in the browser's storage. */
export function sealed(): Promise<void> {
  return writes;
}
