// Fails when the client's types are not those of ../openapi.json.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const file = new URL("../src/api/schema.d.ts", import.meta.url);
const before = readFileSync(file, "utf8");
execFileSync("npm", ["run", "--silent", "client"], { stdio: ["ignore", "ignore", "inherit"] });
if (readFileSync(file, "utf8") !== before) {
  console.error("error: src/api/schema.d.ts was not that of ../openapi.json; it is now, commit it");
  process.exit(1);
}
