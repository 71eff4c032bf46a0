// What an administrator does, on the real hospital.
import { readFileSync } from "node:fs";
import { equal, ok, within } from "../assert.mjs";
import { DESK, device, signIn, user } from "../hospital.mjs";

const random = () => Math.random().toString(36).slice(2, 6).toUpperCase();
/** The chains of the audit trail: of partitions, and of facts. */
const CHAINS = [...Array(16).keys(), ...Array.from({ length: 8 }, (_, index) => 100 + index)];
const EVIL = '=HYPERLINK("http://x.example")';

export async function admin({ browser, state, api, check }) {
  const faults = [];
  const { context, page } = await device(browser, state, { ...DESK, faults, acceptDownloads: true });
  page.setDefaultTimeout(7_000);
  const code = random();
  const name = `Ward ${code}`;
  const card = page.locator(".admin-place", { hasText: name });
  const dialog = page.getByRole("dialog");
  const said = (text) => page.getByRole("status").filter({ hasText: text }).first().waitFor();
  const go = (path) => page.goto(path);

  await check("admin: makes a department and a room, by keyboard alone in its form", async () => {
    await signIn(page, state, "admin", "/admin");
    await go("/admin/places");
    await page.getByRole("button", { name: "Add a department" }).click();
    await page.keyboard.type("g-m");
    await page.keyboard.press("Enter");
    await dialog.getByText("One to six capital letters").waitFor();
    equal(await dialog.getByLabel("Code").inputValue(), "G-M", "what was typed is kept");
    await dialog.getByLabel("Code").fill(code.toLowerCase());
    await page.keyboard.press("Tab");
    await page.keyboard.type(name);
    await page.keyboard.press("Enter");
    await said(`${name} was saved`);
    await card.getByRole("button", { name: "Add a room" }).click();
    await dialog.getByLabel("Code").fill("R1");
    await dialog.getByLabel("Name").fill(EVIL);
    await dialog.getByRole("button", { name: "Save the room" }).click();
    await card.getByText(EVIL).waitFor();
  });

  await check("admin: closes and opens them", async () => {
    await card.getByRole("button", { name: "Close the department" }).click();
    await card.getByRole("button", { name: "Open the department" }).click();
    await card.getByRole("button", { name: "Close the department" }).waitFor();
    await card.getByRole("button", { name: /^Close it/ }).click();
    await card.getByRole("button", { name: /^Open it/ }).click();
    await card.getByRole("button", { name: /^Close it/ }).waitFor();
  });

  await check("admin: somebody else was faster: it is shown, and nothing typed is lost", async () => {
    await card.getByRole("button", { name: "Edit", exact: true }).first().click();
    await dialog.getByLabel("Name").fill(`${name} B`);
    const known = await read(state, api, "/departments?limit=200");
    const { department_id, version, ...settings } = known.items.find((one) => one.code === code);
    await put(state, api, `/departments/${department_id}`, {
      ...settings,
      no_show_recalls: 5,
      expected_version: version,
    });
    await dialog.getByRole("button", { name: "Save the department" }).click();
    await dialog.getByText("Somebody else changed this meanwhile: Announcements before a no-show").waitFor();
    equal(await dialog.getByLabel("Name").inputValue(), `${name} B`);
    await dialog.getByRole("button", { name: "Save mine anyway" }).click();
    await said(`${name} B was saved`);
  });

  await check("admin: invites, sends again, takes back", async () => {
    const email = `new.${code.toLowerCase()}@demo.example`;
    await go("/admin/staff");
    await page.getByRole("button", { name: "Invite somebody" }).click();
    await dialog.getByRole("button", { name: "Send the invitation" }).click();
    await dialog.getByText("Choose at least one department").waitFor();
    await dialog.getByLabel("Name").fill(EVIL);
    await dialog.getByLabel("E-mail address").fill(email);
    await dialog.getByLabel(new RegExp(`^${code}`)).check();
    await dialog.getByRole("button", { name: "Send the invitation" }).click();
    await said("was invited");
    await page.getByLabel("Search by name or e-mail").fill(email);
    const row = page.locator(".admin-table tbody tr", { hasText: email });
    await row.getByText("Invited", { exact: true }).waitFor();
    await row.getByRole("button").click();
    await dialog.getByRole("button", { name: "Send again" }).click();
    await dialog.getByText("A new link was sent").waitFor();
    await dialog.getByRole("button", { name: "Take it back" }).click();
    await dialog
      .getByRole("group", { name: /will not work/ })
      .getByRole("button", { name: "Take it back" })
      .click();
    await dialog.getByText("was taken back").waitFor();
    await dialog.getByText(/There is no open invitation/).waitFor();
    await dialog.getByRole("button", { name: "Close" }).click();
  });

  await check("admin: ends somebody's sessions", async () => {
    const { email, password } = user(state, "nurse");
    const { access_token } = await api.post("/auth/login", { email, password });
    await page.getByLabel("Search by name or e-mail").fill(email);
    await page.locator(".admin-table tbody tr", { hasText: email }).getByRole("button").click();
    await dialog.locator(".admin-sessions li").first().waitFor();
    await dialog.getByRole("button", { name: "End all sessions" }).click();
    await dialog
      .getByRole("group", { name: /must sign in again/ })
      .getByRole("button", { name: "End all" })
      .click();
    await dialog.getByText("Signed in nowhere.").waitFor();
    await dialog.getByRole("button", { name: "Close" }).click();
    api.tokens.delete("nurse");
    let status = 200;
    for (let tries = 0; status === 200 && tries < 40; tries += 1) {
      const headers = { authorization: `Bearer ${access_token}` };
      status = (await fetch(`${state.api_url}/api/v1/departments`, { headers })).status;
      if (status === 200) await new Promise((resolve) => setTimeout(resolve, 250));
    }
    equal(status, 401);
  });

  await check("admin: issues a poster, keeps it, revokes it", async () => {
    await go("/admin/links");
    await page.getByRole("button", { name: "Make a link" }).click();
    await dialog.getByRole("button", { name: "Make a link" }).click();
    await dialog.locator(".admin-poster img").waitFor();
    await page.waitForFunction(() => document.querySelector(".admin-poster img").naturalWidth > 0);
    const [svg] = await Promise.all([
      page.waitForEvent("download"),
      dialog.getByRole("button", { name: "SVG" }).click(),
    ]);
    ok(readFileSync(await svg.path(), "utf8").includes("<svg"));
    const [png] = await Promise.all([
      page.waitForEvent("download"),
      dialog.getByRole("button", { name: "PNG" }).click(),
    ]);
    equal(
      readFileSync(await png.path())
        .subarray(1, 4)
        .toString(),
      "PNG",
    );
    await dialog.getByRole("button", { name: "Close" }).click();
    const first = page.locator(".admin-table tbody tr").first();
    await first.getByRole("button", { name: "Revoke" }).click();
    await first.getByRole("group").getByRole("button", { name: "Revoke" }).click();
    await said("The link was revoked");
  });

  await check("admin: the overview shows who comes within a second", async () => {
    await go("/admin");
    const hall = page.locator(".admin-halls li", { hasText: "Paediatrics" });
    await hall.locator(".live[data-state=live]").waitFor();
    const waiting = (count) => hall.locator("dl dd").first().getByText(String(count), { exact: true });
    const before = Number(await hall.locator("dl dd").first().innerText());
    // Over HTTP/1.1 more departments than four take turns.
    const limit = (await page.locator(".admin-halls > li").count()) > 4 ? 20_000 : 1_000;
    const { visit_id } = await api.checkIn("PD", EVIL, EVIL);
    await within(limit, "came", waiting(before + 1));
    await api.act("reception", visit_id, "leave", { reason: "scene" });
    await within(limit, "left", waiting(before));
  });

  await check("admin: exports are safe to open", async () => {
    const { visit_id } = await api.checkIn("PD", EVIL, `\u0009${EVIL}`.trim());
    await go("/admin/exports");
    const visits = page.locator(".card", { hasText: "Patients in the queues now" });
    await visits.getByLabel("With names and complaints").check();
    for (const one of [
      visits,
      page.locator(".card", { hasText: "Audit trail" }),
      page.locator(".card", { hasText: "Every account" }),
    ]) {
      const button = one.getByRole("button", { name: "Save as CSV" });
      const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
      const text = readFileSync(await file.path(), "utf8");
      ok(text.split("\r\n").length > 2);
      equal(text.match(/(^|[,;\t\r\n\ufeff]"?)[=+@]/), null);
      if (one === visits) ok(text.includes("'=HYPERLINK"));
    }
    await api.act("reception", visit_id, "leave", { reason: "scene" });
  });

  await check("admin: the trail tells who did what", async () => {
    await go("/admin/audit");
    await page.locator(".admin-table tbody tr").first().waitFor();
    await page.getByLabel("Filter what was read").fill("Department changed");
    await page.locator(".admin-table tbody tr").first().getByRole("button").click();
    await dialog.locator(".admin-json").waitFor();
    await dialog.getByRole("button", { name: "Close" }).click();
    await page.getByLabel("Visit (its id)").fill("GM-042");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("An id looks like").waitFor();
  });

  await check("admin: the trail says what its last check found, of the whole and of each row", async () => {
    const found = (state, findings) => ({
      ...{ state, findings, finding_count: findings.length, checked_at: new Date().toISOString() },
      ...{ rows: 7, roots: 1, signatures_checked: true },
      chains: CHAINS.map((partition) => ({ partition, chain_seq: 1_000_000 })),
    });
    const row = page.locator(".admin-table tbody tr").first();
    await go("/admin/audit");
    await page.getByText("Last check of the whole trail").waitFor();
    const broken = CHAINS.map((partition) => ({
      ...{ tampering: "changed", partition, chain_seq: 1, problem: EVIL },
    }));
    for (const [answer, whole, mark] of [
      [found("whole", []), "Whole", "Checked"],
      [found("tampered", broken), "Tampered with", "Doubtful"],
    ]) {
      await page.route("**/api/v1/audit/verification", (route) => route.fulfill({ json: answer }));
      await page.reload();
      await page.locator(".badge", { hasText: whole }).first().waitFor();
      await row.getByText(mark, { exact: true }).waitFor();
      await page.unroute("**/api/v1/audit/verification");
    }
  });

  await check("admin: a parked command is sent again, with a reason and after a second look", async () => {
    const letter = {
      ...{ dead_letter_id: crypto.randomUUID(), command_id: crypto.randomUUID(), partition: 3, seq: 42 },
      ...{ subject: "p.3.cmd.v1.f.d.check_in", reason: EVIL, parked_at: new Date().toISOString() },
    };
    const sent = [];
    await page.route("**/api/v1/dead-letters?*", (route) =>
      route.fulfill({ json: { items: sent.length > 0 ? [] : [{ ...letter, state: "parked" }] } }),
    );
    await page.route("**/api/v1/dead-letters/*/redrive", async (route) => {
      sent.push({ url: route.request().url(), body: route.request().postDataJSON() });
      await route.fulfill({ json: { dead_letter_id: letter.dead_letter_id, status: "applied" } });
    });
    await go("/admin/parked");
    await page.locator(".admin-table tbody tr").first().getByRole("button").click();
    await dialog.getByRole("button", { name: "Send it again" }).click();
    await dialog.getByText("Say why").first().waitFor();
    await dialog.getByLabel("Reason").fill("the workers were updated");
    await dialog.getByRole("button", { name: "Send it again" }).click();
    equal(sent.length, 0, "sent without a second look");
    const asked = dialog.getByRole("group", { name: /as if it had just arrived/ });
    await asked.getByRole("button", { name: "Send it again" }).click();
    await said("It was sent again and took effect");
    await page.getByText("Nothing is parked").waitFor();
    equal(sent.length, 1);
    ok(sent[0].url.includes(`/dead-letters/${letter.dead_letter_id}/redrive`));
    equal(sent[0].body, { reason: "the workers were updated" });
    await page.unroute("**/api/v1/dead-letters?*");
    await page.unroute("**/api/v1/dead-letters/*/redrive");
  });

  await check("reception: prints the poster of its department", async () => {
    const desk = await device(browser, state, { ...DESK, faults });
    await signIn(desk.page, state, "reception", "/reception");
    await desk.page.getByRole("button", { name: "QR poster" }).click();
    const poster = desk.page.locator(".admin-poster img");
    const make = desk.page.getByRole("button", { name: "Make a poster" });
    await poster.or(make).first().waitFor();
    if (await make.isVisible()) await make.click();
    await poster.waitFor();
    await desk.page.waitForFunction(() => document.querySelector(".admin-poster img").naturalWidth > 0);
    await desk.context.close();
  });

  await check("admin: the day's close is rehearsed before it can be done", async () => {
    await go("/admin/day");
    equal(await page.getByRole("button", { name: "Close the day" }).count(), 0);
    await page.getByRole("button", { name: "See what would happen" }).click();
    await page.getByRole("button", { name: "Close the day" }).click();
    const asked = page.getByRole("group", { name: /Visits that end now/ });
    await asked.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Close the day" }).waitFor();
  });

  await check("admin: switches the adviser off and on, with a reason", async () => {
    await go("/admin/quality");
    for (const [press, then] of [
      ["Switch it off", "Switched off"],
      ["Switch it on", "Is asked"],
    ]) {
      await page.getByRole("button", { name: press }).click();
      await dialog.getByRole("button", { name: press }).click();
      await dialog.getByText("Say why").waitFor();
      await dialog.getByLabel("Reason").fill("scene");
      await dialog.getByRole("button", { name: press }).click();
      await page.locator(".admin-page").getByText(then, { exact: true }).waitFor();
    }
  });

  await check("admin: ten thousand accounts are searched and scrolled without drawing them all", async () => {
    await page.route("**/api/v1/staff?*", (route) =>
      route.fulfill({ json: manyStaff(new URL(route.request().url())) }),
    );
    await page.reload();
    await go("/admin/staff");
    await page.getByText("Shown: 10,000").waitFor({ timeout: 20_000 });
    ok((await page.locator(".admin-table tbody tr").count()) < 100, "rows in the document");
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    await page.getByText("Person 9999", { exact: true }).waitFor();
    await page.getByLabel("Search by name or e-mail").fill("person 5000");
    await page.getByText("Shown: 1", { exact: true }).waitFor();
    await page.unroute("**/api/v1/staff?*");
  });

  await check("admin: no fault", async () => equal(faults, []));
  await context.close();
}

function manyStaff(url) {
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const items = Array.from({ length: 200 }, (_, index) => {
    const id = `01900000-0000-7000-8000-${String(from + index).padStart(12, "0")}`;
    const about = {
      role: "NURSE",
      status: "ACTIVE",
      departments: [],
      all_departments: true,
      second_factor: false,
    };
    return {
      id,
      name: `Person ${from + index}`,
      email: `p${from + index}@h.example`,
      created_at: "2026-01-01T00:00:00Z",
      ...about,
    };
  });
  return { items, ...(from + 200 < 10_000 ? { next_cursor: String(from + 200) } : {}) };
}

async function read(state, api, path) {
  const headers = { authorization: `Bearer ${await api.token("admin")}` };
  return (await fetch(`${state.api_url}/api/v1${path}`, { headers })).json();
}

async function put(state, api, path, body) {
  const headers = {
    authorization: `Bearer ${await api.token("admin")}`,
    "content-type": "application/json",
    "idempotency-key": crypto.randomUUID(),
    prefer: "wait=10",
  };
  const response = await fetch(`${state.api_url}/api/v1${path}`, {
    method: "PUT",
    headers,
    body: JSON.stringify(body),
  });
  ok(response.ok, `${path}: ${response.status}`);
}
