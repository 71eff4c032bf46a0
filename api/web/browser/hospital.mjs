// The running demo hospital, and browsers in it.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What `cargo dev` says of the stack: addresses, demo logins, links. */
export function readState(file = process.env["MEDIQUE_STATE"] ?? "../../.dev/state.json") {
  return JSON.parse(readFileSync(file, "utf8"));
}

export async function launch() {
  const executablePath = process.env["MEDIQUE_CHROMIUM"] ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: FLAGS });
}

/** The demo user whose address begins so. */
export function user(state, login) {
  const found = state.users.find((one) => one.email.startsWith(login));
  if (found === undefined) throw new Error(`no demo user ${login}`);
  return found;
}

export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
/** The narrowest screen that we promise to serve. */
export const NARROW = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
export const DESK = { viewport: { width: 1440, height: 900 } };
export const TELEVISION = { viewport: { width: 1920, height: 1080 } };

/**
 * A browser of its own, as one device. Whatever the policy forbids, whatever a page throws and whatever dialog it
 * opens is kept in `faults`, which must be empty in the end.
 */
export async function device(browser, state, options = {}) {
  const { faults = [], locale = "en-GB", ...rest } = options;
  const context = await browser.newContext({ baseURL: state.api_url, locale, ...rest });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(
        `POLICY ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
      );
    });
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (message.text().startsWith("POLICY") || message.text().includes("Content Security Policy")) {
      faults.push(message.text());
    }
  });
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { context, page, faults };
}

/** Signs a demo user in on a device, and goes where the path says. */
export async function signIn(page, state, login, path) {
  const { email, password } = user(state, login);
  await page.goto(`/sign-in?back=${encodeURIComponent(path)}`);
  await page.locator("input[type=email]").fill(email);
  await page.locator("input[autocomplete=current-password]").fill(password);
  await page.locator("button[type=submit]").click();
  await page.waitForURL((url) => url.pathname === path);
}

/** Makes a visit the one of this phone, sealed as the screens seal what they keep (`src/intent/sealed.ts`). */
export async function giveVisit(page, { visitId, visitToken }) {
  await page.goto("/");
  await page.locator("main").first().waitFor();
  await page.evaluate(async (value) => {
    const database = await new Promise((resolve, reject) => {
      const request = globalThis.indexedDB.open("keyval-store");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const key = await new Promise((resolve, reject) => {
      const request = database.transaction("keyval").objectStore("keyval").get("medique.seal");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const utf8 = (text) => new globalThis.TextEncoder().encode(text);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const cipher = { name: "AES-GCM", iv, additionalData: utf8("local medique.visit") };
    const sealed = new Uint8Array(await crypto.subtle.encrypt(cipher, key, utf8(value)));
    const text = globalThis.btoa(String.fromCharCode(...iv, ...sealed));
    localStorage.setItem("medique.sealed.medique.visit", JSON.stringify(text));
  }, JSON.stringify({ visitId, visitToken }));
}

/** Agrees to what the check-in says, and begins it. */
export async function beginCheckIn(page) {
  await page.locator(".checkin-privacy input").check();
  await page.locator(".checkin-start > .button").click();
}
