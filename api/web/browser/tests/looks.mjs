// Every screen, in both themes and in Arabic: looked at by axe, pictured for people.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { equal } from "../assert.mjs";
import { adminScreens } from "./adminScreens.mjs";
import { beginCheckIn, DESK, device, giveVisit, NARROW, PHONE, signIn, TELEVISION } from "../hospital.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** A page is opened once per language; the dark theme is put on where it stands. */
const LANGUAGES = [
  { language: "en", themes: { light: "light", dark: "dark" } },
  { language: "ar", themes: { arabic: "light" } },
];
const PEOPLE = [
  ["Ines Marques", 58, "crushing chest pain, sweating", null],
  ["Tomás Ortega", 34, "fever and cough for three days", null],
  ["Amina Farouk", 27, "migraine since this morning", 4],
  ["Rohan Mehta", 71, "short of breath when walking", null],
  ["Claire Dubois", 45, "repeat prescription", 5],
  ["George Whitfield", 83, "fell in the kitchen, hip pain", null],
  ["Wei Zhang", 19, "sore throat", 4],
  ["Lena Fischer", 39, "cut in the hand", 4],
  ["Omar Haddad", 52, "back pain", null],
  ["Maria Rossi", 66, "dizzy since yesterday", null],
];

export async function looks(scene) {
  const { api, check } = scene;
  const own = {};
  await check("looks: a busy morning is set up", async () => {
    await api.clear("GM");
    for (const [name, age, complaint, level] of PEOPLE) {
      const { visit_id } = await api.checkIn("GM", name, complaint, age);
      if (level !== null) await api.act("nurse", visit_id, "acuity", { level, reason: "looks well" });
      if (name === "Omar Haddad") await api.act("doctor1.gm", visit_id, "call", { reason: "scene" });
    }
    const { ticket } = await api.post("/checkin/tickets", { link_token: await api.poster("GM") });
    const patient = { name: "Paz Phone", age_years: 30 };
    const answer = await api.post("/checkin", { link_token: ticket, patient, complaint: "cough" });
    own.phone = { visitId: answer.visit_id, visitToken: answer.visit_token };
    own.poster = await api.poster("GM");
  });
  // Two at a time: the administration beside the rest, which share queues and go one after the other.
  await Promise.all([lane(scene, adminScreens()), lane(scene, screens(own))]);
}

async function lane(scene, screens) {
  for (const look of LANGUAGES) {
    for (const screen of screens) {
      await scene.check(`looks: ${screen.name}, ${Object.keys(look.themes).join(" and ")}`, () =>
        visit(scene, screen, look),
      );
    }
  }
}

/** Where each screen is, whose it is, and what is pressed there before it is looked at. */
function screens(own) {
  return [
    { name: "home", path: "/", size: DESK },
    { name: "missing", path: "/nowhere", size: DESK },
    { name: "sign-in", path: "/sign-in", size: DESK },
    { name: "forgot", path: "/forgot-password", size: DESK },
    { name: "reset", path: "/reset-password#mqr_x", size: DESK },
    { name: "check-in-none", path: "/checkin", size: PHONE },
    { name: "check-in", path: `/checkin#${own.poster}`, size: PHONE },
    {
      name: "check-in-questions",
      path: `/checkin#${own.poster}`,
      size: PHONE,
      prepare: openQuestions,
    },
    { name: "kiosk", path: `/kiosk#${own.poster}`, size: DESK },
    {
      name: "kiosk-questions",
      path: `/kiosk#${own.poster}`,
      size: DESK,
      prepare: openQuestions,
    },
    { name: "visit", path: "/visit", size: PHONE, visit: own.phone, ready: ".visit-token" },
    { name: "board", path: "/board", login: "board", size: TELEVISION, ready: ".board-department" },
    { name: "board-settings", path: "/board", login: "admin", size: DESK, ready: ".board-settings" },
    { name: "reception", path: "/reception", login: "reception", size: DESK, prepare: chooseGm },
    { name: "reception-phone", path: "/reception", login: "reception", size: PHONE, prepare: chooseGm },
    { name: "reception-actions", path: "/reception", login: "reception", size: DESK, prepare: openActions },
    { name: "doctor", path: "/doctor", login: "doctor2.gm", size: DESK, ready: ".doctor-columns .card" },
    { name: "doctor-patient", path: "/doctor", login: "doctor2.gm", size: DESK, prepare: callNext },
    { name: "account", path: "/account", login: "nurse", size: DESK, ready: ".account-sessions li" },
    { name: "account-phone", path: "/account", login: "nurse", size: PHONE, ready: ".account-sessions li" },
    { name: "accept", path: "/accept-invitation#mqi_x", size: PHONE },
    { name: "doctor-phone", path: "/doctor", login: "doctor2.gm", size: PHONE, prepare: openFindings },
    { name: "triage", path: "/nurse", login: "nurse", size: DESK, prepare: openTriage },
    { name: "triage-assessment", path: "/nurse", login: "nurse", size: DESK, prepare: openAssessment },
    { name: "triage-phone", path: "/nurse", login: "nurse", size: NARROW, prepare: openTriage },
    {
      name: "triage-assessment-phone",
      path: "/nurse",
      login: "nurse",
      size: NARROW,
      prepare: openAssessment,
    },
    { name: "not-yours", path: "/admin", login: "nurse", size: DESK },
  ];
}

async function openQuestions(page) {
  await beginCheckIn(page);
  await page.locator(".checkin-flags .field").first().waitFor();
}

async function chooseGm(page) {
  await page.locator(".reception-head .select").click();
  await page.getByRole("option", { name: /^GM/ }).click();
  await page.locator(".queue-space .queue-row").first().waitFor();
}

async function openActions(page) {
  await chooseGm(page);
  await page.locator(".queue-space .queue-row button").first().click();
  await page.locator(".reception-actions").waitFor();
}

async function callNext(page) {
  await page.locator(".doctor-patient, .doctor-nobody").first().waitFor();
  if ((await page.locator(".doctor-patient").count()) === 0) {
    await page.locator(".doctor-nobody .button").click();
    await page.locator(".doctor-patient").waitFor();
  }
  const actions = page.locator('.doctor-patient[data-state="CALLED"] .doctor-actions .button').first();
  if ((await actions.count()) > 0) await actions.click();
  await page.locator(".doctor-patient textarea").first().waitFor();
}

async function openFindings(page) {
  await callNext(page);
  await page.locator(".doctor-clinical summary").first().click();
  await page.locator(".levels").waitFor();
}

async function openTriage(page) {
  await page.locator(".nurse-head .select").click();
  await page.getByRole("option", { name: /^GM/ }).click();
  await page.locator(".nurse-tabs button").last().click();
  await page.locator(".nurse-row").first().waitFor();
}

/** With signs that are odd, impossible and alarming, and a level that needs an override. */
async function openAssessment(page) {
  await openTriage(page);
  await page.locator(".nurse-row", { hasText: "Rohan Mehta" }).first().click();
  const inputs = page.locator(".sign .input");
  for (const [index, text] of ["28", "88", "999", "60", "125", "41,5"].entries()) {
    await inputs.nth(index).fill(text);
  }
  await page.locator(".levels label").nth(4).click();
  await page.locator(".who").scrollIntoViewIfNeeded();
}

async function visit({ browser, state, pictures }, screen, { language, themes }) {
  const { context, page, faults } = await device(browser, state, {
    ...screen.size,
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  try {
    await page.addInitScript(
      (chosen) => localStorage.setItem("medique.language", JSON.stringify(chosen)),
      language,
    );
    if (screen.visit !== undefined) await giveVisit(page, screen.visit);
    if (screen.login === undefined) await page.goto(screen.path);
    else await signIn(page, state, screen.login, screen.path);
    await page
      .locator(screen.ready ?? "main")
      .first()
      .waitFor();
    await page.locator(`html[lang=${language}]`).waitFor();
    await screen.prepare?.(page);
    await page.waitForFunction(() => document.querySelector("[aria-busy=true]") === null);
    await page.evaluate(AXE);
    for (const [look, colorScheme] of Object.entries(themes)) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${pictures}/${screen.name}-${look}.png` });
      equal(await complaints(page), [], look);
    }
    equal(faults, []);
  } finally {
    await context.close();
  }
}

/** What axe finds, and whether the page is wider than its screen. */
async function complaints(page) {
  const { violations } = await page.evaluate(
    (values) => globalThis.axe.run(document, { runOnly: values }),
    RULES,
  );
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`,
  );
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  return overflow > 1 ? [...found, `${overflow} px wider than the screen`] : found;
}
