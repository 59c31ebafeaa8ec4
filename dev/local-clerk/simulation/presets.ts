// Presets: named combinations of faults and webhook disturbances. The field `expected` of a preset says how a robust app reacts.

import type { ClerkContext } from "../context";
import { appEndpointId } from "../webhooks/endpoints";
import { faultShape, type NewFault } from "./faults";

type Preset = {
  expected: string;
  faults?: NewFault[];
  disturbances?: { duplicate?: number; shuffleWithinMs?: number };
  disablesEndpoint?: boolean;
};

export const presetNames = [
  "svix-retry-storm",
  "out-of-order",
  "five-day-disable",
  "rate-limited",
  "clerk-down",
  "slow-frontend",
] as const;
export type PresetName = (typeof presetNames)[number];

export const presets: Record<PresetName, Preset> = {
  "svix-retry-storm": {
    expected: "Every webhook arrives twice at once under one svix-id. The app applies it once.",
    disturbances: { duplicate: 1 },
  },
  "out-of-order": {
    expected:
      "Webhooks arrive shuffled within 5 s. The app keeps the newest version of each object.",
    disturbances: { shuffleWithinMs: 5_000 },
  },
  "five-day-disable": {
    expected:
      "Svix has disabled the endpoint after five days of failures: nothing arrives. After it is enabled again, missing webhooks are replayed, and the app catches up.",
    disablesEndpoint: true,
  },
  "rate-limited": {
    expected:
      "Half of the Backend API's responses are 429 with Retry-After. The app waits and retries.",
    faults: [{ api: "bapi", outcome: "429", share: 0.5 }],
  },
  "clerk-down": {
    expected:
      "Both APIs answer 503. Signed-in users keep reading until their token expires, and nothing is deleted.",
    faults: [
      { api: "bapi", outcome: "503" },
      { api: "fapi", outcome: "503" },
    ],
  },
  "slow-frontend": {
    expected:
      "The Frontend API takes 3 s. Pages show what they have, and no request is sent twice.",
    faults: [{ api: "fapi", latencyMs: 3_000 }],
  },
};

/**
 * Replaces all faults and disturbances with the faults and disturbances of a preset; null removes them. Enables the app's
 * endpoint, unless the preset disables it.
 */
export function applyPreset(context: ClerkContext, name: PresetName | null): void {
  const { faults = [], disturbances = {}, disablesEndpoint = false } = name ? presets[name] : {};
  context.faults.set(faults.map((each) => faultShape.parse(each)));
  context.webhooks.setDisturbances(disturbances);
  context.webhooks.endpoints.update(appEndpointId, { isEnabled: !disablesEndpoint });
}
