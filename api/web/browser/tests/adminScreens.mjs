// The pages of the administration, for the looks: where each is, and what is opened there.
import { DESK, PHONE } from "../hospital.mjs";

const SMALL = { ...PHONE, viewport: { width: 360, height: 780 } };
const PAGES = ["places", "staff", "links", "reports", "quality", "audit", "parked", "day", "exports"];

/** Presses what `selector` finds, and waits for what comes of it. */
function press(selector, then) {
  return async (page) => {
    await page.locator(selector).first().click();
    await page.locator(then).first().waitFor();
  };
}

export function adminScreens() {
  const at = (name, more = {}) => ({
    name: `admin-${name}`,
    path: `/admin/${name.split("-")[0]}`,
    login: "admin",
    size: DESK,
    ready: ".admin-head h1",
    ...more,
  });
  return [
    at("overview", { path: "/admin", ready: ".admin-halls .live[data-state=live]" }),
    at("overview-phone", { path: "/admin", size: SMALL, ready: ".admin-halls .live[data-state=live]" }),
    ...PAGES.map((name) => at(name)),
    ...PAGES.map((name) => at(`${name}-phone`, { size: SMALL })),
    at("places-form", { ready: ".admin-place", prepare: press(".admin-place .button", ".dialog form") }),
    at("staff-invite", { prepare: press(".admin-head .button", ".dialog form") }),
    at("staff-person", {
      ready: ".admin-table",
      prepare: press(".admin-table tbody tr:nth-child(2) .button", ".dialog .admin-sessions"),
    }),
    at("staff-person-phone", {
      size: SMALL,
      ready: ".admin-table",
      prepare: press(".admin-table tbody tr:nth-child(2) .button", ".dialog .admin-sessions"),
    }),
    at("links-issue", { prepare: press(".admin-head .button", ".dialog form") }),
    at("links-poster", {
      ready: ".admin-table",
      prepare: press(".admin-table .admin-actions .button", ".admin-poster img"),
    }),
    at("audit-row", {
      ready: ".admin-table",
      prepare: press(".admin-table .admin-actions .button", ".dialog .admin-json"),
    }),
    at("reports-made", {
      prepare: press(".admin-toolbar .button[data-kind=primary]", ".admin-charts .chart"),
    }),
    at("day-rehearsed", { prepare: press(".admin-head .button", ".admin-tiles") }),
    at("quality-switch", {
      ready: ".admin-page .card .button",
      prepare: press(".admin-page .card .button", ".dialog textarea"),
    }),
  ];
}
