import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `cargo dev up` listens; the development server passes on what is not its own. */
const api = process.env["MEDIQUE_DEV_API"] ?? "http://127.0.0.1:8080";

/** The api takes cookies from pages of its own origin only, so the proxy speaks as one of them. */
const passOn = { target: api, changeOrigin: true, headers: { origin: api } };

export default defineConfig({
  plugins: [
    react(),
    // The library carries the words of its own parts in thirty languages; these are ours.
    {
      ...optimizeLocales.vite({ locales: ["en-US", "es-ES", "fr-FR", "ar-AE"] }),
      enforce: "pre",
    },
  ],
  build: {
    outDir: "dist",
    target: "es2022",
    // Inlined files would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      "/api": passOn,
      "/health": passOn,
      "/docs": passOn,
      "/problems": passOn,
      "/openapi.json": passOn,
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
