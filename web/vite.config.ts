import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// In development the pages come from Vite and everything else from the Go
// server. BONAFIDE_SERVER says where that listens.
const server = process.env.BONAFIDE_SERVER ?? "http://localhost:8080";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  server: {
    proxy: {
      // The server compares the origin with the host, so the host must stay.
      "/api": { target: server, changeOrigin: false },
      "/healthz": { target: server, changeOrigin: false },
      "/ws": { target: server, ws: true },
    },
  },
  build: {
    target: "es2022",
    // A fresh clone embeds dist, so dist/.gitkeep has to survive a build: the
    // one in public is copied over it.
    emptyOutDir: true,
    // The content security policy allows no data: URLs for scripts and fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
  },
});
