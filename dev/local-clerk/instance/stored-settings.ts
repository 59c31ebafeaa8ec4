// Loads and stores the settings of the instance, and reads the header that overrides them for one browser.

import { z } from "zod";
import type { ClerkContext } from "../context";
import { parseInput, parseJson } from "../error-response";
import { type Settings, settingsShape } from "./settings";

const recordId = "settings";

export function loadSettings(state: ClerkContext["state"]): Settings {
  return settingsShape.parse(state.settings.get(recordId)?.values ?? {});
}

export function applySettings(
  context: ClerkContext,
  patch: Readonly<Record<string, unknown>>,
): Settings {
  const values = { ...context.state.settings.get(recordId)?.values, ...patch };
  Object.assign(context.instanceSettings, parseInput(settingsShape.strict(), values));
  context.state.settings.put({ id: recordId, values });
  return context.instanceSettings;
}

/** The header that overrides settings for one request. Its value is a JSON object of settings. */
export const settingsHeader = "x-local-clerk-settings";

export function parseSettingsHeader(header: string | undefined): Partial<Settings> | null {
  if (header === undefined) return null;
  const patch = parseInput(z.record(z.string(), z.unknown()), parseJson(header));
  const whole = parseInput(settingsShape.strict(), patch);
  const isNamed = ([name]: [string, unknown]) => Object.hasOwn(patch, name);
  return Object.fromEntries(Object.entries(whole).filter(isNamed));
}
