// Two doctors want the same patient at the same moment.
import { equal } from "../assert.mjs";
import { DESK, device, signIn } from "../hospital.mjs";

export async function races({ browser, state, api, check }) {
  const faults = [];
  const doctors = [];

  await check("races: two doctors are ready", async () => {
    for (const login of ["doctor1.ed", "doctor2.ed"]) {
      const doctor = await device(browser, state, { ...DESK, faults });
      await signIn(doctor.page, state, login, "/doctor");
      await doctor.page.locator('.live[data-state="live"]').waitFor();
      doctors.push(doctor);
    }
    await api.checkIn("ED", "Bo First", "sore throat");
    await api.checkIn("ED", "Cy Second", "sore throat");
    for (const { page } of doctors) await page.locator(".doctor-waiting").nth(1).waitFor();
  });

  await check("races: one patient is called once, and the slower doctor is told in words", async () => {
    const first = doctors[0].page.locator(".doctor-waiting").first();
    const token = await first.locator(".token").innerText();
    const button = (page) => page.locator(".doctor-waiting").first().getByRole("button");
    await Promise.all(doctors.map(({ page }) => button(page).click()));
    const winners = [];
    const losers = [];
    for (const { page } of doctors) {
      const won = page.locator(".doctor-patient", { hasText: token });
      const lost = page.getByRole("alert").filter({ hasText: /faster|not possible|in charge|room/i });
      await won.or(lost).first().waitFor();
      ((await won.count()) > 0 ? winners : losers).push(page);
    }
    equal([winners.length, losers.length], [1, 1]);
    // The loser goes on with the next one, without a reload.
    await losers[0].getByRole("button", { name: "Call the next patient" }).click();
    await losers[0].locator(".doctor-patient").waitFor();
    for (const { page } of doctors) {
      await page.getByRole("button", { name: "Start" }).click();
      await page.getByRole("button", { name: "Finish the visit" }).click();
      await page.getByRole("button", { name: "Call the next patient" }).waitFor();
    }
  });

  await check("races: two who call next get two patients", async () => {
    await api.checkIn("ED", "Di Third", "cough");
    await api.checkIn("ED", "Ed Fourth", "cough");
    for (const { page } of doctors) await page.locator(".doctor-waiting").nth(1).waitFor();
    await Promise.all(
      doctors.map(({ page }) => page.getByRole("button", { name: "Call the next patient" }).click()),
    );
    const tokens = await Promise.all(doctors.map(({ page }) => page.locator(".who-token").innerText()));
    equal(new Set(tokens).size, 2);
    for (const { page } of doctors) {
      await page.getByRole("button", { name: "Start" }).click();
      await page.getByRole("button", { name: "Finish the visit" }).click();
      await page.getByRole("button", { name: "Call the next patient" }).waitFor();
    }
  });

  await check("races: what was typed is kept when somebody else was faster", async () => {
    const [{ page }] = doctors;
    const visit = await api.checkIn("ED", "Fa Fifth", "cough");
    await page.locator(".doctor-waiting").first().waitFor();
    await page.getByRole("button", { name: "Call the next patient" }).click();
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByLabel("Notes").fill("a long text that nobody wants to type again");
    // Once: whoever tries again is not overtaken again.
    const overtake = async (route) => {
      await api.act("doctor1.ed", visit.visit_id, "acuity", { level: 2, reason: "scene" });
      await route.continue();
    };
    await page.route("**/complete", overtake, { times: 1 });
    await page.getByRole("button", { name: "Finish the visit" }).click();
    await page.getByRole("alert").filter({ hasText: "faster" }).waitFor();
    equal(await page.getByLabel("Notes").inputValue(), "a long text that nobody wants to type again");
    await page.getByRole("button", { name: "Finish the visit" }).click();
    await page.getByRole("button", { name: "Call the next patient" }).waitFor();
  });

  await check("races: no fault on any device", async () => equal(faults, []));
  for (const { context } of doctors) await context.close();
}
