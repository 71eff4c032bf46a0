// What each screen loads at first, gzipped: the page, its scripts, styles and texts. Fails over budget.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** First load of what runs on phones and televisions, bytes. */
const BUDGET = 150_000;
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, "utf8"));
const COMMON = ["index.html", "src/texts/common/"];
const STAFF = ["src/app/Staff.tsx"];

const SCREENS = [
  { name: "home", parts: ["src/screens/home/Home.tsx", "src/texts/home/"], budget: BUDGET },
  { name: "check-in", parts: ["src/screens/checkin/CheckIn.tsx", "src/texts/checkin/"], budget: BUDGET },
  { name: "kiosk", parts: ["src/screens/checkin/Kiosk.tsx", "src/texts/checkin/"], budget: BUDGET },
  { name: "my visit", parts: ["src/screens/visit/Visit.tsx", "src/texts/visit/"], budget: BUDGET },
  { name: "board", parts: [...STAFF, "src/screens/board/Board.tsx", "src/texts/board/"], budget: BUDGET },
  { name: "sign-in", parts: ["src/screens/signin/SignIn.tsx", "src/texts/signin/"], budget: BUDGET },
  { name: "reception", parts: [...STAFF, "src/screens/reception/Reception.tsx", "src/texts/reception/"] },
  { name: "doctor", parts: [...STAFF, "src/screens/doctor/Doctor.tsx", "src/texts/doctor/"] },
  { name: "nurse", parts: [...STAFF, "src/screens/nurse/Nurse.tsx", "src/texts/nurse/"] },
  { name: "admin", parts: [...STAFF, "src/screens/admin/Admin.tsx", "src/texts/admin/"] },
];

/** Files of an entry and of everything that it needs before it runs. */
function closure(key, files = new Set()) {
  const entry = manifest[key];
  if (entry === undefined || files.has(entry.file)) return files;
  files.add(entry.file);
  for (const style of entry.css ?? []) files.add(style);
  for (const next of entry.imports ?? []) closure(next, files);
  return files;
}

/** Of a folder of texts the language that weighs most: nobody loads two. */
function heaviest(folder) {
  const keys = Object.keys(manifest).filter((key) => key.startsWith(folder));
  return keys.sort((a, b) => size(manifest[b].file) - size(manifest[a].file))[0];
}

const sizes = new Map();
function size(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(dist + file), { level: 9 }).length);
  return sizes.get(file);
}

let isOver = false;
for (const { name, parts, budget } of SCREENS) {
  const keys = [...COMMON, ...parts].map((part) => (part.endsWith("/") ? heaviest(part) : part));
  const files = new Set(keys.flatMap((key) => [...closure(key)]));
  files.add("index.html");
  const bytes = [...files].reduce((sum, file) => sum + size(file), 0);
  const over = budget !== undefined && bytes > budget;
  isOver ||= over;
  const limit = budget === undefined ? "" : ` of ${budget / 1000} kB`;
  console.log(
    `${name.padEnd(10)} ${(bytes / 1000).toFixed(1).padStart(6)} kB gzipped${limit}${over ? "  OVER BUDGET" : ""}`,
  );
}
process.exit(isOver ? 1 : 0);
