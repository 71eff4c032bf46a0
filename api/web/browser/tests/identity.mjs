// A second factor: set up in the own account, asked for at the next sign-in, replaced by a recovery code.
import { createHmac } from "node:crypto";
import { equal } from "../assert.mjs";
import { DESK, device, signIn, user } from "../hospital.mjs";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP_S = 30;

/** The code that an authenticator shows, RFC 6238; `ahead` steps from now. */
function codeOf(secret, ahead = 0) {
  const bits = [...secret].map((char) => ALPHABET.indexOf(char).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / STEP_S) + ahead));
  const mac = createHmac("sha1", key).update(counter).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

export async function identity({ browser, state, api, check }) {
  await check("identity: signing out leaves nothing behind, in any tab", () =>
    signOutOfTwoTabs(browser, state),
  );
  const login = "doctor2.pd";
  const { email, password } = user(state, login);
  const desk = await device(browser, state, DESK);
  const { page } = desk;
  let secret;
  let codes;

  await check("identity: a wrong password is told in words", async () => {
    await page.goto("/sign-in?back=//evil.example/");
    await page.locator("input[type=email]").fill(email);
    await page.locator("input[autocomplete=current-password]").fill("wrong");
    await page.locator("button[type=submit]").click();
    await page.getByRole("alert").filter({ hasText: "wrong" }).waitFor();
    equal(await page.locator("input[type=email]").inputValue(), email);
  });

  await check("identity: a second factor is set up, and its recovery codes are shown once", async () => {
    await signIn(page, state, login, "/account");
    await page.getByRole("button", { name: "Set up" }).click();
    await page.locator("input[autocomplete=current-password]").fill(password);
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("img", { name: /QR code/ }).waitFor();
    secret = (await page.locator(".identity-key").innerText()).replaceAll(/\s/g, "");
    await page.locator("input[autocomplete=one-time-code]").fill(codeOf(secret));
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.locator(".codes li").first().waitFor();
    codes = await page.locator(".codes li").allInnerTexts();
    equal(codes.length, 10);
    await page.getByRole("button", { name: "I saved the codes" }).click();
    await page.getByText("10 recovery codes are left.").waitFor();
    equal(await page.getByText(codes[0]).count(), 0);
  });

  await check("identity: the next sign-in asks for a code, and goes to no other site", async () => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.goto("/sign-in?back=//evil.example/");
    await first(page, email, password);
    await page.locator("input[autocomplete=one-time-code]").fill("000000");
    await page.locator("button[type=submit]").click();
    await page.getByRole("alert").filter({ hasText: "code" }).waitFor();
    await page.locator("input[autocomplete=one-time-code]").fill(codeOf(secret, 1));
    await page.locator("button[type=submit]").click();
    await page.waitForURL((url) => url.pathname === "/doctor");
    equal(new URL(page.url()).hostname, new URL(state.api_url).hostname);
  });

  await check("identity: a recovery code lets in once", async () => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.goto("/sign-in?back=/account");
    await first(page, email, password);
    await page.getByRole("button", { name: /Use a recovery code/ }).click();
    await page.getByLabel("Recovery code").fill(codes[0]);
    await page.locator("button[type=submit]").click();
    await page.getByText("9 recovery codes are left.").waitFor();
  });

  await check("identity: other sessions are listed and ended", async () => {
    const other = await device(browser, state, DESK);
    await other.page.goto("/sign-in?back=/account");
    await first(other.page, email, password);
    await other.page.getByRole("button", { name: /Use a recovery code/ }).click();
    await other.page.getByLabel("Recovery code").fill(codes[1]);
    await other.page.locator("button[type=submit]").click();
    await other.page.locator(".account-sessions li").nth(1).waitFor();
    await other.page.getByRole("button", { name: "End all the others" }).click();
    await other.page
      .getByText("session was ended.")
      .or(other.page.getByText("sessions were ended."))
      .waitFor();
    equal(await other.page.locator(".account-sessions li").count(), 1);
    await page.reload();
    await page.waitForURL((url) => url.pathname === "/sign-in");
    await other.context.close();
  });

  await check("identity: the account is as it was", async () => {
    await remove(api, user(state, login).staff_id);
    equal(desk.faults, []);
  });
  await desk.context.close();
}

async function signOutOfTwoTabs(browser, state) {
  const { context, page, faults } = await device(browser, state, DESK);
  await signIn(page, state, "doctor2.gm", "/doctor");
  const other = await context.newPage();
  await other.goto("/account");
  await other.locator(".account-sessions li").first().waitFor();
  for (const one of [page, other]) await one.evaluate(() => Object.assign(window, { isOldPage: true }));
  await page.getByRole("button", { name: "Sign out" }).click();
  for (const one of [page, other]) {
    await one.waitForURL((url) => url.pathname === "/sign-in");
    await one.waitForFunction(() => !("isOldPage" in window) && document.querySelector("form") !== null);
  }
  const kept = await page.evaluate(() => Object.keys({ ...localStorage, ...sessionStorage }));
  equal(
    kept.filter((name) => /staff-name|sealed|signing-out|gone/.test(name)),
    [],
  );
  // The browser's own way back leads nowhere either.
  await page.goto("/");
  await page.goBack();
  await page.waitForURL((url) => url.pathname === "/sign-in");
  equal(await page.locator(".doctor-columns").count(), 0);
  equal(faults, []);
  await context.close();
}

async function first(page, email, password) {
  await page.locator("input[type=email]").fill(email);
  await page.locator("input[autocomplete=current-password]").fill(password);
  await page.locator("button[type=submit]").click();
}

/** As an administrator does for somebody who lost the phone. */
async function remove(api, staff) {
  const response = await fetch(`${api.state.api_url}/api/v1/staff/${staff}/second-factor`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${await api.token("admin")}`, "idempotency-key": crypto.randomUUID() },
  });
  equal(response.status, 204);
}
