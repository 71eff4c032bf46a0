// A nurse's work: signs, what the rules make of them, the own level, and only then what the adviser says.
import { equal } from "../assert.mjs";
import { DESK, device, signIn } from "../hospital.mjs";

export async function triage({ browser, state, api, check }) {
  const nurse = await device(browser, state, DESK);
  const { page } = nurse;
  const name = `Tri Age ${Date.now()}`;
  let visit;

  await check("triage: a new patient is to be assessed, without a reload", async () => {
    await signIn(page, state, "nurse", "/nurse");
    await page.locator(".nurse-head .select").click();
    await page.getByRole("option", { name: /^GM/ }).click();
    await page.locator('.live[data-state="live"]').waitFor();
    visit = await api.checkIn("GM", name, "feels unwell", 70);
    await page.locator(".nurse-row", { hasText: name }).click();
    await page.locator(".who", { hasText: name }).waitFor();
  });

  await check(
    "triage: NEWS2 grows as it is typed, and is a lower bound while something is missing",
    async () => {
      await page.getByLabel("Respirations", { exact: true }).fill("26");
      await page.locator(".preview .score", { hasText: "≥ 3" }).waitFor();
      await page.getByLabel("Oxygen saturation", { exact: true }).fill("90");
      await page.getByLabel("Systolic pressure", { exact: true }).fill("88");
      await page.getByLabel("Pulse", { exact: true }).fill("132");
      await page.getByLabel("Temperature", { exact: true }).fill("39,4");
      await page.locator(".preview .score", { hasText: "≥ 14" }).waitFor();
      await page.getByText("Alert", { exact: true }).click();
      await page.getByText("Air", { exact: true }).click();
      await page.locator(".preview .score", { hasText: /^NEWS214/ }).waitFor();
    },
  );

  await check("triage: what cannot be is not sent, and the rest stays", async () => {
    await page.getByLabel("Pulse", { exact: true }).fill("999");
    await page.getByText("Must be from 0 to 400.").waitFor();
    await page.getByRole("button", { name: "Save the vital signs" }).click();
    equal(await page.getByLabel("Respirations", { exact: true }).inputValue(), "26");
    await page.getByLabel("Pulse", { exact: true }).fill("132");
  });

  await check("triage: the api's floor and NEWS2 are those of the preview, with reasons", async () => {
    await page.getByRole("button", { name: "Save the vital signs" }).click();
    await page.getByText("Saved. The rules were computed anew.").waitFor();
    await page.locator(".floor .score", { hasText: /^NEWS214/ }).waitFor();
    await page.locator(".floor-rules", { hasText: "NEWS2 of 7 or more" }).waitFor();
  });

  await check("triage: no suggestion is seen before the own level", async () => {
    await page.locator(".suggestion", { hasText: "after you set your own level" }).waitFor();
    equal(await page.locator(".suggestion .level").count(), 0);
    await page.locator(".decisions summary").click();
    equal(await page.locator(".decisions", { hasText: "AI suggestion" }).count(), 0);
  });

  await check("triage: below the floor takes an override and a reason", async () => {
    await page.locator(".levels label").nth(4).click();
    await page.getByRole("button", { name: "Set level 5" }).click();
    await page.getByText("Confirm that you override the floor").waitFor();
    await page.getByText("Give a reason").waitFor();
    await page.getByLabel(/I override the safety floor/).check();
    await page.getByLabel("Reason").fill("known chronic values");
    await page.getByRole("button", { name: "Set level 5" }).click();
    await page.getByText("Level 5 is set.").waitFor();
    await page.getByText("stands above the safety floor on purpose").first().waitFor();
  });

  await check("triage: then the suggestion shows, and who decided what", async () => {
    await page.locator(".suggestion", { hasText: /Suggests level|gave no answer/ }).waitFor();
    await page.locator(".decisions", { hasText: "known chronic values" }).waitFor();
    equal(nurse.faults, []);
  });

  await check("triage: somebody else's change is told, and nothing typed is lost", async () => {
    await page.getByLabel("Pain (0–10)", { exact: true }).fill("7");
    await page.route("**/vitals", async (route) => {
      await api.act("doctor1.gm", visit.visit_id, "acuity", { level: 2, reason: "scene" });
      await route.continue();
    });
    await page.getByRole("button", { name: "Save the vital signs" }).click();
    await page.getByRole("alert").filter({ hasText: "level now 2" }).waitFor();
    equal(await page.getByLabel("Pain (0–10)", { exact: true }).inputValue(), "7");
    await page.unroute("**/vitals");
    await page.getByRole("button", { name: "Save the vital signs" }).click();
    await page.getByText("Saved. The rules were computed anew.").waitFor();
    await api.act("reception", visit.visit_id, "cancel", { reason: "end of the scene" });
  });
  await nurse.context.close();
}
