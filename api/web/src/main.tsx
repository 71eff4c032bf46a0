import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { recall, remember } from "./intent/memory";
import { unseal } from "./intent/sealed";
import { restore } from "./session/session";
import { applyTheme } from "./ui/Preferences";
import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/parts.css";

// A page of before an update asks for files that are no more: the new page is fetched, once.
window.addEventListener("vite:preloadError", () => {
  const last = recall<number>("session", "medique.reloaded") ?? 0;
  if (Date.now() - last < 60_000) return;
  remember("session", "medique.reloaded", Date.now());
  location.reload();
});

const root = document.getElementById("root");
if (root !== null) {
  applyTheme();
  void restore();
  await unseal();
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
