// Whatever strangers type is text.
import { equal } from "../assert.mjs";
import { beginCheckIn, DESK, device, PHONE, signIn, TELEVISION } from "../hospital.mjs";

const TEXTS = [
  `<img src=x onerror="alert(1)">`,
  `"><script>alert(1)</script>`,
  `{{constructor.constructor('alert(1)')()}}`,
  `javascript:alert(1)`,
  `&lt;b&gt;<svg onload=alert(1)>`,
  `=HYPERLINK("http://x.example")`,
];

export async function hostile({ browser, state, api, check }) {
  const faults = [];
  const desk = await device(browser, state, { ...DESK, faults });
  const doctor = await device(browser, state, { ...DESK, faults });
  const phone = await device(browser, state, { ...PHONE, faults });
  const board = await device(browser, state, { ...TELEVISION, faults });

  await check("hostile: typed at the desk, by program and by phone, it is shown as text", async () => {
    await signIn(desk.page, state, "reception", "/reception");
    await desk.page.locator(".reception-head .select").click();
    await desk.page.getByRole("option", { name: /^GM/ }).click();
    await desk.page.getByLabel("Full name").fill(TEXTS[0]);
    await desk.page.getByLabel("Age in years").fill("50");
    await desk.page.getByLabel("Reason for the visit").fill(TEXTS[1]);
    await desk.page.getByRole("button", { name: "Check in", exact: true }).click();
    await desk.page.locator(".ticket-paper .token").waitFor();
    for (const text of TEXTS) await api.checkIn("GM", text, text, 99);
    await desk.page.locator(".queue-row", { hasText: TEXTS[5] }).first().waitFor();
    for (const text of TEXTS) {
      await desk.page.getByLabel("Find by").fill(text);
      await desk.page.locator(".queue-name", { hasText: text }).first().waitFor();
    }
  });

  await check("hostile: the doctor sees and writes it", async () => {
    await signIn(doctor.page, state, "doctor1.gm", "/doctor");
    await doctor.page.getByRole("button", { name: "Call the next patient" }).click();
    await doctor.page.getByRole("button", { name: "Start" }).click();
    await doctor.page.getByLabel("Notes").fill(TEXTS.join("\n"));
    await doctor.page.getByRole("button", { name: "Finish the visit" }).click();
    await doctor.page.getByRole("button", { name: "Call the next patient" }).waitFor();
  });

  await check("hostile: addresses carry no scripts and lead nowhere else", async () => {
    await phone.page.goto(`/checkin#${encodeURIComponent(TEXTS[0])}`);
    await beginCheckIn(phone.page);
    await phone.page.getByRole("alert").filter({ hasText: "not valid" }).waitFor();
    await phone.page.goto(`/reset-password#${encodeURIComponent(TEXTS[1])}`);
    await phone.page.locator("input[autocomplete=new-password]").first().waitFor();
    await signIn(board.page, state, "board", "/board");
    await board.page.goto(`/sign-in?back=${encodeURIComponent("//evil.example/")}`);
    await board.page.locator(".board-department").waitFor();
    equal(new URL(board.page.url()).host, new URL(state.api_url).host);
  });

  await check("hostile: nothing ran, nothing was loaded, no fault on any device", async () => {
    for (const { page } of [desk, doctor, board, phone]) {
      equal(await page.locator("img[src=x], svg[onload], #root script").count(), 0);
    }
    equal(faults, []);
  });
  for (const { context } of [desk, doctor, phone, board]) await context.close();
}
