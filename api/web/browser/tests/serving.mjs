// How the api serves the screens out of its own binary.
import { equal, ok } from "../assert.mjs";

const AS_BROWSER = { accept: "text/html,application/xhtml+xml,*/*;q=0.8", "accept-encoding": "gzip, br" };

export async function serving({ state, check }) {
  const get = (path, headers = AS_BROWSER) => fetch(state.api_url + path, { headers, redirect: "manual" });

  await check("serving: the page is asked for anew, and is not sent twice", async () => {
    const page = await get("/");
    equal([page.status, page.headers.get("cache-control")], [200, "no-cache"]);
    const policy = page.headers.get("content-security-policy");
    ok(policy.startsWith("default-src 'none'; script-src 'self'") && !policy.includes("unsafe"), policy);
    const again = await get("/", { ...AS_BROWSER, "if-none-match": page.headers.get("etag") });
    equal(again.status, 304);
  });

  await check("serving: fingerprinted files are kept for ever, and compressed", async () => {
    const page = await (await get("/")).text();
    const files = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(
      (match) => match[1],
    );
    ok(files.length >= 2, "a script and a style");
    for (const file of files) {
      const answer = await get(file);
      equal(answer.headers.get("cache-control"), "public, max-age=31536000, immutable");
      equal(answer.headers.get("content-encoding"), "br");
    }
  });

  await check("serving: every screen has its address, and the api keeps its own", async () => {
    for (const path of ["/reception", "/admin/audit", "/checkin"]) equal((await get(path)).status, 200, path);
    for (const path of ["/api/v1/nowhere", "/api/nowhere", "/health/nowhere", "/assets/gone.js"]) {
      const answer = await get(path, path.startsWith("/assets") ? { accept: "*/*" } : AS_BROWSER);
      equal([answer.status, answer.headers.get("content-type")], [404, "application/problem+json"], path);
    }
    equal((await get("/health/live")).headers.get("content-type"), "application/json; charset=utf-8");
    equal((await get("/reception", { accept: "application/json" })).status, 404);
  });
}
