/** Reports the findings of Health with the same texts as the console. */
import { findHealth } from "../sync/monitoring/health";
import { type Finding, shown } from "./finding";

export async function checkSync(): Promise<Finding[]> {
  const { findings, at } = await findHealth();
  // `check-clerk.ts` checks the keys against a response that it has just requested from Clerk.
  return findings.filter(({ code }) => code !== "keys").map((found) => shown("Sync", found, at));
}
