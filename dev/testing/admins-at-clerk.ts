/**
 * A stub of Clerk's Backend API that confirms platform admins. A sensitive field asks Clerk whether the viewer is still an admin,
 * because the events of tests are old.
 */
import { afterAll } from "vitest";
import { type BackendApi, startBackendApi } from "./backend-api";
import { userJson } from "./clerk-payloads";

export const adminJson = (id: string) => ({
  ...userJson({ id, public_metadata: { role: "admin" } }),
  created_at: 1,
});

/** Starts the stub for the tests of a file, before anything reads the environment. */
export async function startClerkWithAdmins(...ids: string[]): Promise<BackendApi> {
  const api = await startBackendApi();
  process.env.CLERK_API_URL = api.url;
  afterAll(() => api.close());
  api.users.push(...ids.map(adminJson));
  return api;
}
