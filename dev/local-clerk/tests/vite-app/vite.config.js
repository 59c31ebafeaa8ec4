import { defineConfig } from "vite";

const { PORT = "5173", API_PORT = "3001" } = process.env;

export default defineConfig({
  server: {
    port: Number(PORT),
    strictPort: true,
    proxy: { "/api": `http://localhost:${API_PORT}` },
  },
});
