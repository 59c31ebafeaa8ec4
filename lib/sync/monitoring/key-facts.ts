/** Derives facts about Clerk's keys from the settings, without the keys' values. */
import type { Env } from "../../env";
import type { Facts } from "./facts";

const modeOf = (key: string): "live" | "test" => (key.includes("_live_") ? "live" : "test");

export function keyFacts(
  settings: Env,
  known: Pick<Facts["keys"], "instanceOfKey" | "outdatedJwtKeyAt">,
): Facts["keys"] {
  return {
    ...known,
    publishable: modeOf(settings.publishableKey),
    secret: modeOf(settings.secretKey),
    configuredInstance: settings.clerkInstanceId ?? null,
  };
}
