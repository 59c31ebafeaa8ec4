/** Formats values for display, in one place. */

/** A user's name, or else username, or else e-mail address. */
export function displayName(person: {
  firstName: string | null;
  lastName: string | null;
  username: string | null;
  email: string | null;
}): string {
  const fullName = [person.firstName, person.lastName].filter(Boolean).join(" ");
  return fullName || person.username || person.email || "Unnamed";
}

/** Clerk's role key in words: "org:admin" is "Admin", "org:billing_manager" is "Billing manager". */
export function roleName(role: string | null): string {
  const words = role?.replace(/^org:/, "").replaceAll("_", " ").trim();
  return words ? `${words.charAt(0).toUpperCase()}${words.slice(1)}` : "No role";
}

const units = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
] as const;

/** A duration, rounded to its largest unit: "under 0.1 s", "0.4 s", "12 s", "3 min", "2 h", "5 d". */
export function formatDuration(ms: number): string {
  const found = units.find((each) => ms >= each.ms);
  if (found) return `${Math.floor(ms / found.ms)} ${found.unit}`;
  if (ms < 100) return "under 0.1 s";
  const seconds = ms / 1000;
  return `${seconds < 10 ? seconds.toFixed(1) : Math.floor(seconds)} s`;
}

const thousands = new Intl.NumberFormat("en-GB");

export function formatCount(count: number): string {
  return thousands.format(count);
}
