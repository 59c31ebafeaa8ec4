/**
 * Replaces the personal data in a payload by •••: every text and all metadata, except the values of known attributes that
 * identify nobody. An attribute that Clerk adds later is replaced until it is listed here.
 */
const VEIL = "•••";

/** Attributes whose texts are shown: kinds, states and keys that Clerk defines. */
const shownKeys = new Set([
  ...["object", "type", "status", "strategy", "provider", "role", "role_name", "mode", "currency"],
  ...["period", "plan_period", "interval", "enrollment_mode", "verification_strategy", "event"],
  ...["payer_type", "payment_source_type", "delivered_by_clerk", "actor_type"],
]);

/** An id of Clerk: a prefix, an underscore and at least 8 letters and digits. */
const ID = /^[a-z]{2,12}_[A-Za-z0-9]{8,}$/;

const metadataKey = /metadata$/;

function veilText(key: string, text: string): string {
  return text === "" || shownKeys.has(key) || ID.test(text) ? text : VEIL;
}

function veilAll(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? value : [VEIL];
  if (typeof value === "object" && value !== null)
    return Object.keys(value).length === 0 ? value : { [VEIL]: VEIL };
  return value === null ? null : VEIL;
}

/**
 * Returns the value with personal data replaced. The recursion cannot be too deep: the depth is limited when a stored body is
 * parsed.
 */
export function veil(value: unknown, key = ""): unknown {
  if (metadataKey.test(key)) return veilAll(value);
  if (typeof value === "string") return veilText(key, value);
  if (Array.isArray(value)) return value.map((item) => veil(item, key));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, veil(item, name)]),
    );
  return value;
}
