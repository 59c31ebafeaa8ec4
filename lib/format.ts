/** Formats values for display, in one place. */

/**
 * Matches a visible character. Invisible are white space, control characters, combining marks alone, and the ignorable characters
 * of Unicode (U+200B, the Hangul fillers, bidirectional controls). So are U+2800, U+FFFC and U+1D159, symbols with an empty
 * shape.
 */
const VISIBLE =
  /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Cs}\p{M}\u2800\ufffc\u{1d159}]/u;

/** Control characters that reorder or break the text around a name. Joiners are kept: emoji and Persian need them. */
const CONTROLS = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Removes control characters and outer white space, and replaces inner white space with single spaces. Returns null if no
 * character of the text is visible.
 */
export function visibleText(text: string | null | undefined): string | null {
  if (!text || !VISIBLE.test(text)) return null;
  return text.replaceAll(/\s+/g, " ").replaceAll(CONTROLS, "").trim();
}

/** Returns the first of these that has visible text: full name, username, e-mail address, phone number, id. */
export function displayName(user: {
  id: string;
  firstName: string | null;
  lastName: string | null;
  username: string | null;
  email: string | null;
  phoneNumber: string | null;
}): string {
  const fullName = [user.firstName, user.lastName].flatMap((part) => visibleText(part) ?? []);
  return (
    visibleText(fullName.join(" ")) ??
    visibleText(user.username) ??
    visibleText(user.email) ??
    visibleText(user.phoneNumber) ??
    user.id
  );
}

/**
 * Returns the name for a public page: the full name, or else the username, or else the handle after an @. Never returns an e-mail
 * address or a phone number.
 */
export function publicName(profile: {
  firstName: string | null;
  lastName: string | null;
  username: string | null;
  handle: string;
}): string {
  const fullName = [profile.firstName, profile.lastName].flatMap((part) => visibleText(part) ?? []);
  return visibleText(fullName.join(" ")) ?? visibleText(profile.username) ?? `@${profile.handle}`;
}

/** Returns the name of an organization, or else its slug, or else its id. */
export function organizationName(organization: {
  id: string;
  name: string | null;
  slug: string | null;
}): string {
  return visibleText(organization.name) ?? visibleText(organization.slug) ?? organization.id;
}

export const capitalized = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/**
 * Returns the role's own name, if Clerk has sent one. Otherwise returns Clerk's role key in words: "org:admin" is "Admin",
 * "org:billing_manager" is "Billing manager".
 */
export function roleName(role: string | null, ownName: string | null = null): string {
  const words = visibleText(role?.replace(/^org:/, "").replaceAll("_", " "));
  return visibleText(ownName) ?? (words ? capitalized(words) : "No role");
}

const units = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
] as const;

/** The browser and the device of a session, such as "Chrome 128 on Macintosh"; null if Clerk knows neither. */
export function sessionDevice(session: {
  deviceType: string | null;
  browserName: string | null;
  browserVersion: string | null;
}): string | null {
  const [device, browser] = [session.deviceType, session.browserName]
    .map(visibleText)
    .map((part) => (part?.toLowerCase() === "unknown" ? null : part));
  const version = visibleText(session.browserVersion)?.split(".")[0];
  const named = browser && version ? `${browser} ${version}` : browser;
  return [named, device].filter(Boolean).join(" on ") || null;
}

/** The city and the country's English name; the code itself if it is not a country's. Null without both. */
export function placeName(city: string | null, country: string | null): string | null {
  const code = visibleText(country);
  return [visibleText(city), code && regionName(code)].filter(Boolean).join(", ") || null;
}

function regionName(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  return new Intl.DisplayNames("en", { type: "region" }).of(code) ?? code;
}

/**
 * Formats a duration in its largest unit, rounded down: "under 0.1 s", "0.4 s", "12 s", "3 min", "2 h", "5 d". Below 10 s, rounds
 * to tenths of a second.
 */
export function formatDuration(ms: number): string {
  const found = units.find((each) => ms >= each.ms);
  if (found) return `${Math.floor(ms / found.ms)} ${found.unit}`;
  if (ms < 100) return "under 0.1 s";
  const seconds = ms / 1000;
  return `${seconds < 10 ? seconds.toFixed(1) : Math.floor(seconds)} s`;
}

const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

/** Formats a day in UTC: "28 Nov 2026". */
export const formatDay = (time: number): string => day.format(time);

/**
 * Formats how long ago `then` was (both in ms): "just now", "3 s ago", "2 h ago". From 7 days on, returns the UTC date, such as
 * "28 Nov 2026".
 */
export function formatAge(then: number, now: number): string {
  const elapsed = now - then;
  if (elapsed < 1_000) return "just now";
  if (elapsed >= 7 * 86_400_000) return day.format(then);
  return `${formatDuration(Math.floor(elapsed / 1_000) * 1_000).replace(/\.0 s$/, " s")} ago`;
}

const thousands = new Intl.NumberFormat("en-GB");

export function formatCount(count: number): string {
  return thousands.format(count);
}

const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 2 });

/** Formats a count that may not be exact: "12,034", "about 1.2M", "over 10,000". */
export function formatListCount(count: {
  number: number;
  precision: "EXACT" | "AT_LEAST" | "ESTIMATE";
}): string {
  if (count.precision === "ESTIMATE") return `about ${short.format(count.number)}`;
  const exact = formatCount(count.number);
  return count.precision === "AT_LEAST" ? `over ${exact}` : exact;
}

/** Formats the number of members of an organization: "3", or "3 of 5" when there is a limit. Clerk sends 0 for no limit. */
export function memberCount(count: number, limit: number | null): string {
  return limit ? `${formatCount(count)} of ${formatCount(limit)}` : formatCount(count);
}

/**
 * Formats an amount in the smallest unit of its currency: 1250 and "usd" are "US$12.50". Without a known currency, returns the
 * bare number.
 */
export function formatAmount(amount: number, currency: string | null): string {
  if (!currency || !/^[a-z]{3}$/i.test(currency)) return formatCount(amount);
  const format = new Intl.NumberFormat("en-GB", { style: "currency", currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
