// Loads and stores the settings of the instance, and reads the header that overrides them for one browser.

import { z } from "zod";
import type { World } from "../context";
import { parseInput, parseJson } from "../error-response";
import { type Settings, settingsShape } from "./settings";

const kept = "settings";

export function loadSettings(state: World["state"]): Settings {
  return settingsShape.parse(state.settings.get(kept)?.values ?? {});
}

export function applySettings(world: World, patch: Readonly<Record<string, unknown>>): Settings {
  const values = { ...world.state.settings.get(kept)?.values, ...patch };
  Object.assign(world.instanceSettings, parseInput(settingsShape.strict(), values));
  world.state.settings.put({ id: kept, values });
  return world.instanceSettings;
}

/** A browser that sends this header finds the settings in it, as JSON, instead of the instance's. */
export const settingsHeader = "x-local-clerk-settings";

export function settingsOf(header: string | undefined): Partial<Settings> | null {
  if (header === undefined) return null;
  const patch = parseInput(z.record(z.string(), z.unknown()), parseJson(header));
  const whole = parseInput(settingsShape.strict(), patch);
  const isNamed = ([name]: [string, unknown]) => Object.hasOwn(patch, name);
  return Object.fromEntries(Object.entries(whole).filter(isNamed));
}
