// Ten thousand patients in one queue: only the rows that are seen are made, and typing stays quick.
import { equal, ok } from "../assert.mjs";
import { DESK, device, signIn } from "../hospital.mjs";

const COUNT = 10_000;

export async function crowd({ browser, state, check }) {
  const faults = [];
  const desk = await device(browser, state, { ...DESK, faults });
  const arrived = new Date(Date.now() - 600_000).toISOString();
  const items = Array.from({ length: COUNT }, (_, index) => ({
    ...{
      position: index + 1,
      visit_id: `00000000-0000-7000-8000-${String(index).padStart(12, "0")}`,
      version: 1,
    },
    ...{
      token: `GM-${index + 1}`,
      state: "WAITING",
      name: `Patient ${index + 1}`,
      complaint: "cough",
      level: 3,
    },
    ...{ needs_review: false, front: false, arrived_at: arrived, queued_since: arrived, target_minutes: 60 },
    recall_count: 0,
  }));
  const body = JSON.stringify({ as_of: arrived, waiting: COUNT, items });

  await check("crowd: a list of 10,000 stays smooth", async () => {
    await desk.page.route("**/queue?*", (route) => route.fulfill({ contentType: "application/json", body }));
    await signIn(desk.page, state, "reception", "/reception");
    await desk.page.locator(".queue-space .queue-row").first().waitFor();
    ok((await desk.page.locator(".queue-space .queue-row").count()) < 60, "few rows are made");
    const frames = await desk.page.locator(".queue-scroll").evaluate(async (scroller) => {
      const times = [];
      let last = performance.now();
      for (let step = 0; step < 40; step += 1) {
        scroller.scrollTop += 5_000;
        await new Promise((resolve) => requestAnimationFrame(resolve));
        times.push(performance.now() - last);
        last = performance.now();
      }
      return times.sort((a, b) => a - b);
    });
    const median = frames[Math.floor(frames.length / 2)];
    ok(median < 50, `a frame takes ${median} ms`);
    const started = performance.now();
    await desk.page.getByLabel("Find by").fill("GM-9876");
    await desk.page.locator(".queue-name", { hasText: "Patient 9876" }).waitFor();
    const found = Math.round(performance.now() - started);
    console.log(`        frame ${median.toFixed(1)} ms (median), found in ${found} ms`);
    ok(found < 1_000, `found in ${found} ms`);
    equal(faults, []);
  });
  await desk.context.close();
}
