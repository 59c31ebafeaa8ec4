/** The findings of Health, as the console shows them. */
import { findHealth } from "../sync/monitoring/health";
import { type Finding, shown } from "./finding";

export async function checkSync(): Promise<Finding[]> {
  const { findings, at } = await findHealth();
  // `check-clerk.ts` applies the rule about the keys, with what Clerk answers now.
  return findings.filter(({ code }) => code !== "keys").map((found) => shown("Sync", found, at));
}
