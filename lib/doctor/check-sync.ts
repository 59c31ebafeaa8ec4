/** Reports the findings of the Health page, with the same texts. */
import { findHealth } from "../sync/monitoring/health";
import { type Finding, shown } from "./finding";

export async function checkSync(): Promise<Finding[]> {
  const { findings, at } = await findHealth();
  // Leaves out the finding about the keys: `check-clerk.ts` checks them against a response that it has just requested from Clerk.
  return findings.filter(({ code }) => code !== "keys").map((found) => shown("Sync", found, at));
}
