import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { restore } from "./session/session";
import { applyTheme } from "./ui/Preferences";
import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/parts.css";

const root = document.getElementById("root");
if (root !== null) {
  applyTheme();
  void restore();
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
