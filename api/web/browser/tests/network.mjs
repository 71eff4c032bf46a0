// The network goes and comes back: nothing is lost, nothing happens twice, and the screens say where they stand.
import { equal, ok, within } from "../assert.mjs";
import { beginCheckIn, device, giveVisit, PHONE, signIn, TELEVISION } from "../hospital.mjs";

export async function network({ browser, state, api, check }) {
  const faults = [];

  await check("network: a check-in survives a dead network and a reload, with the same key", async () => {
    const phone = await device(browser, state, { ...PHONE, faults });
    await phone.page.goto(`/checkin#${await api.poster("PD")}`);
    await beginCheckIn(phone.page);
    await phone.page.getByRole("button", { name: "None of these" }).click();
    await phone.page.getByRole("button", { name: "Next" }).click();
    const before = await checkInKept(phone.page);
    await phone.page.getByLabel("In your own words").fill("fever");
    await phone.page.waitForFunction(
      (old) => localStorage.getItem("medique.sealed.medique.checkin") !== old,
      before,
    );
    await phone.page.reload();
    equal(await phone.page.getByLabel("In your own words").inputValue(), "fever");
    const stored = await phone.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    ok(!stored.includes("fever") && !/mq[a-z]_|eyJ/.test(stored), `kept in clear: ${stored}`);
    await phone.page.getByRole("button", { name: "Next" }).click();
    await phone.page.getByLabel("Full name").fill("Nia Network");
    await phone.page.getByLabel("Age in years").fill("5");
    await phone.page.getByRole("button", { name: "Next" }).click();
    const keys = [];
    // The answers get lost on their way, the commands do not.
    await phone.page.route("**/intake", async (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      await route.fetch().catch(() => undefined);
      await route.abort("connectionreset");
    });
    await phone.page.getByRole("button", { name: "Check in" }).click();
    await phone.page.getByText("Still trying").first().waitFor();
    await phone.page.unroute("**/intake");
    await phone.page.route("**/intake", async (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      await route.continue();
    });
    await phone.page.reload();
    await phone.page.getByRole("button", { name: "Check in" }).click();
    await phone.page.locator(".visit-token .token").waitFor();
    ok(keys.length >= 2, "it was tried again");
    equal(new Set(keys).size, 1, "one key for one intent");
    await phone.context.close();
  });

  await check("network: phone and board say that they are cut off, and resume", async () => {
    const visit = await api.checkIn("GM", "Rui Resume", "migraine");
    const board = await device(browser, state, { ...TELEVISION, faults });
    await signIn(board.page, state, "board", "/board");
    const scanned = await scannedPhone(browser, state, api, faults);
    const { phone } = scanned;
    await board.page.locator(".board-waiting li", { hasText: visit.token }).waitFor();
    const lastIds = [];
    for (const { page } of [phone, board]) {
      page.on("request", (request) => {
        if (request.url().endsWith("/events")) lastIds.push(request.headers()["last-event-id"]);
      });
    }
    await Promise.all([phone.context.setOffline(true), board.context.setOffline(true)]);
    await within(3_000, "phone is cut", phone.page.locator('.live[data-state="offline"]'));
    await within(3_000, "board is cut", board.page.locator('.live[data-state="offline"]'));
    const called = await api.act("doctor2.gm", visit.visit_id, "call", { reason: "scene" });
    await api.act("reception", scanned.visitId, "hold", { reason: "scene" });
    await within(25_000, "board is grey", board.page.locator(".board[data-stale]"));
    await Promise.all([phone.context.setOffline(false), board.context.setOffline(false)]);
    await within(4_000, "board resumed", board.page.locator(".board-call", { hasText: visit.token }));
    await within(4_000, "phone resumed", phone.page.locator('.visit[data-state="ON_HOLD"]'));
    await within(4_000, "board is live", board.page.locator('.live[data-state="live"]'));
    ok(
      lastIds.some((id) => id !== undefined),
      "went on after the last event",
    );
    await api.act("doctor2.gm", visit.visit_id, "unclaim", { expected_version: called.version });
    await phone.context.close();
    await board.context.close();
  });

  await check("network: no fault on any device", async () => equal(faults, []));
}

/** What is kept of a check-in, once something is. */
async function checkInKept(page) {
  const handle = await page.waitForFunction(() => localStorage.getItem("medique.sealed.medique.checkin"));
  return handle.jsonValue();
}

/** A phone with a visit of its own. */
async function scannedPhone(browser, state, api, faults) {
  const phone = await device(browser, state, { ...PHONE, faults });
  const { ticket } = await api.post("/checkin/tickets", { link_token: await api.poster("GM") });
  const patient = { name: "Paz Phone", age_years: 30 };
  const answer = await api.post("/checkin", { link_token: ticket, patient, complaint: "cough" });
  await giveVisit(phone.page, { visitId: answer.visit_id, visitToken: answer.visit_token });
  await phone.page.goto("/visit");
  await phone.page.locator('.live[data-state="live"]').waitFor();
  return { phone, visitId: answer.visit_id };
}
