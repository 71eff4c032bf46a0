// The screens in a real browser against a running hospital: `cargo dev test --browser`, or by hand beside
// `cargo dev up`. Arguments name the tests to run; all without.
import { mkdirSync } from "node:fs";
import { launch, readState } from "./hospital.mjs";
import { Api } from "./api.mjs";
import { admin } from "./tests/admin.mjs";
import { journey } from "./tests/journey.mjs";
import { looks } from "./tests/looks.mjs";
import { network } from "./tests/network.mjs";
import { races } from "./tests/races.mjs";
import { serving } from "./tests/serving.mjs";
import { crowd } from "./tests/crowd.mjs";
import { triage } from "./tests/triage.mjs";
import { hostile } from "./tests/hostile.mjs";
import { identity } from "./tests/identity.mjs";

const TESTS = { serving, journey, network, races, triage, identity, hostile, admin, crowd, looks };

const pictures = process.env["MEDIQUE_PICTURES"] ?? "../../target/browser";
mkdirSync(pictures, { recursive: true });
const state = readState();
const wanted = process.argv.slice(2);
const browser = await launch();
const counts = { passed: 0, failed: 0 };

for (const [name, test] of Object.entries(TESTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  await test({ browser, state, api: new Api(state), pictures, check });
}
await browser.close();
console.log(`\nbrowser: ${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed > 0 ? 1 : 0);

/** Runs one check; says how it went and goes on with the next. */
async function check(name, work) {
  const started = performance.now();
  try {
    await work();
    counts.passed += 1;
    console.log(`  ok    ${name} (${Math.round(performance.now() - started)} ms)`);
  } catch (error) {
    counts.failed += 1;
    console.log(`  FAIL  ${name}\n        ${String(error.stack ?? error).replaceAll("\n", "\n        ")}`);
  }
}
