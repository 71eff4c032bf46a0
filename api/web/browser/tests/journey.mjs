// A whole visit on four devices at once: each shows each step within a second.
import { equal, within } from "../assert.mjs";
import { beginCheckIn, DESK, device, PHONE, signIn, TELEVISION } from "../hospital.mjs";

const STEP_MS = 1_000;

export async function journey({ browser, state, api, check }) {
  const faults = [];
  const phone = await device(browser, state, { ...PHONE, faults });
  const desk = await device(browser, state, { ...DESK, faults });
  const doctor = await device(browser, state, { ...DESK, faults });
  const board = await device(browser, state, { ...TELEVISION, faults });
  const name = `Ada Journey ${Date.now() % 10_000}`;
  const complaint = "crushing chest pain and sweating";
  let token = "";

  await check("journey: four devices are ready", async () => {
    await api.clear("GM");
    await signIn(desk.page, state, "reception", "/reception");
    await desk.page.locator(".reception-head .select").click();
    await desk.page.getByRole("option", { name: /^GM/ }).click();
    await signIn(doctor.page, state, "doctor1.gm", "/doctor");
    await signIn(board.page, state, "board", "/board");
    for (const { page } of [desk, doctor, board]) {
      await page.locator('.live[data-state="live"]').first().waitFor();
    }
  });

  await check("journey: a phone checks in by poster", async () => {
    await phone.page.goto(`/checkin#${await api.poster("GM")}`);
    await beginCheckIn(phone.page);
    await phone.page.getByRole("button", { name: "None of these" }).click();
    equal(new URL(phone.page.url()).hash, "", "the link stays in no history");
    await phone.page.getByRole("button", { name: "Next" }).click();
    await phone.page.getByLabel("In your own words").fill(complaint);
    await phone.page.getByRole("button", { name: "Next" }).click();
    await phone.page.getByLabel("Full name").fill(name);
    await phone.page.getByLabel("Age in years").fill("36");
    await phone.page.getByRole("button", { name: "Next" }).click();
    await phone.page.getByRole("button", { name: "Check in" }).click();
    await phone.page.locator(".visit-token .token").waitFor();
    token = await phone.page.locator(".visit-token .token").innerText();
    await everywhere("in the queue", {
      desk: desk.page.locator(".queue-row", { hasText: name }),
      doctor: doctor.page.locator(".doctor-waiting", { hasText: token }),
      board: board.page.locator(".board-waiting li", { hasText: token }),
    });
  });

  await check("journey: called", async () => {
    await doctor.page.getByRole("button", { name: "Call the next patient" }).click();
    await everywhere("called", {
      doctor: doctor.page.locator('.doctor-patient[data-state="CALLED"]', { hasText: token }),
      phone: phone.page.locator('.visit[data-state="CALLED"]', { hasText: /room GM/ }),
      desk: desk.page.locator('.queue-row[data-state="CALLED"]', { hasText: token }),
      board: board.page.locator(".board-call", { hasText: token }),
    });
  });

  await check("journey: announced again", async () => {
    const before = await board.page.locator(".board-call", { hasText: token }).elementHandle();
    await new Promise((resolve) => setTimeout(resolve, 10_500));
    await doctor.page.getByRole("button", { name: "Announce again" }).click();
    await board.page.waitForFunction((old) => !old.isConnected, before, { timeout: 2_000 });
  });

  await check("journey: in consultation, and off the board", async () => {
    await doctor.page.getByRole("button", { name: "Start" }).click();
    await everywhere("in consultation", {
      doctor: doctor.page.getByLabel("Notes"),
      phone: phone.page.locator('.visit[data-state="IN_CONSULTATION"]'),
      desk: desk.page.locator('.queue-row[data-state="IN_CONSULTATION"]', { hasText: token }),
    });
    equal(await board.page.locator(".board-call", { hasText: token }).count(), 0);
  });

  await check("journey: what the doctor types survives a reload", async () => {
    await doctor.page.getByLabel("Notes").fill("troponin negative");
    await doctor.page.reload();
    await doctor.page.getByLabel("Notes").waitFor();
    equal(await doctor.page.getByLabel("Notes").inputValue(), "troponin negative");
  });

  await check("journey: finished, undone, finished again", async () => {
    await doctor.page.getByRole("button", { name: "Finish the visit" }).click();
    await everywhere("finished", {
      phone: phone.page.locator('.visit[data-state="COMPLETED"]'),
      doctor: doctor.page.getByRole("button", { name: "Call the next patient" }),
    });
    await doctor.page.getByRole("button", { name: "Undo" }).click();
    await everywhere("undone", { phone: phone.page.locator('.visit[data-state="IN_CONSULTATION"]') });
    await doctor.page.getByRole("button", { name: "Finish the visit" }).click();
    await everywhere("finished", { phone: phone.page.locator('.visit[data-state="COMPLETED"]') });
  });

  await check("journey: no fault on any device", async () => equal(faults, []));
  for (const { context } of [phone, desk, doctor, board]) await context.close();
}

/** Every device shows it within a second; says how long each took. */
async function everywhere(what, devices) {
  const times = await Promise.all(
    Object.entries(devices).map(async ([name, locator]) => {
      const took = await within(STEP_MS, `${what} on ${name}`, locator);
      return `${name} ${took} ms`;
    }),
  );
  console.log(`        ${what}: ${times.join(", ")}`);
}
