/**
 * How the bundle is made: with relative addresses only, so that it works under any prefix, with
 * nothing inline, so that a strict Content-Security-Policy holds, and the same bytes every time.
 */

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "./",
  plugins: [react(), tailwindcss()],
  build: {
    outDir: process.env.PARTMAN_STATIC ?? "../partman_webui/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: true,
    license: { fileName: "THIRD_PARTY_LICENSES.md" },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    env: { TZ: "UTC" },
  },
});
