import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const alias = [
  { find: /^@\//, replacement: fileURLToPath(new URL("./", import.meta.url)) },
  // Without this alias, Vite would load graphql's ES module, and Node would load graphql's CommonJS module. Each of these two
  // copies of graphql refuses the types of the other.
  { find: /^graphql$/, replacement: "graphql/index.js" },
];

const postgresTests = ["dev/postgres/*.test.ts", "dev/checks/recipe.test.ts", "prisma/*.test.ts"];

/** Each `*.db.test.ts` has a database of its own on the embedded Postgres. Unit tests run without a database. */
export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: [
            "**/*.db.test.ts",
            "**/node_modules/**",
            "**/.next/**",
            "e2e/**",
            "dev/prove/**",
            ...postgresTests,
            "dev/local-clerk/**/!(*.isolated).test.ts",
          ],
          // A shared machine may stall for seconds.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        // These test files start their own Postgres servers.
        test: {
          name: "postgres",
          include: postgresTests,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "local-clerk",
          include: ["dev/local-clerk/**/*.test.ts"],
          // These test files mock modules of Node, so they run in the project `unit`, which isolates test files.
          exclude: ["**/*.isolated.test.ts"],
          // Reading and compiling Clerk's API descriptions takes a second. Without isolation, each worker does so
          // once, not once per file.
          isolate: false,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        // These tests start servers and put load on them, so `npm test` runs this project alone.
        test: { name: "proof", include: ["dev/prove/**/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          name: "database",
          include: ["**/*.db.test.ts"],
          exclude: ["**/node_modules/**", "**/.next/**"],
          globalSetup: ["dev/testing/postgres-setup.ts"],
          setupFiles: ["dev/testing/database-setup.ts"],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
});
