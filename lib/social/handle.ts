/**
 * The rules for a chosen handle. Pure. Only ASCII is allowed, so that no letter of another alphabet can imitate an ASCII letter.
 */
import { GENERATED_PREFIX } from "../generated-handle";

const PATTERN = /^[A-Za-z0-9_]{3,30}$/;

/** Reserved handles: sections of the app, common page names, and names that would seem to belong to the team. */
const RESERVED = [
  ...[
    "about",
    "account",
    "accounts",
    "account_deleted",
    "actions",
    "admin",
    "administrator",
    "api",
    "app",
    "apps",
  ],
  ...["auth", "billing", "blog", "clerk", "contact", "countries", "country", "cron", "delete"],
  ...["deleted", "deleted_user", "docs", "edit", "enter", "error", "everyone", "explore", "feed"],
  ...["feedback", "follow", "followers", "following", "graphql", "guest", "health", "help", "home"],
  ...["info", "invite", "invitation", "invitations", "join", "legal", "login", "logout", "mail"],
  ...["me", "member", "members", "metrics", "mod", "moderator", "news", "noreply", "no_reply"],
  ...["null", "official", "organization", "org", "organizations", "owner", "payment", "payments"],
  ...["people", "person", "postmaster", "press", "pricing", "privacy", "profile", "profiles"],
  ...["ready", "register", "rollcall", "root", "sales", "search", "security", "session"],
  ...["sessions", "settings", "sign_in", "sign_out", "sign_up", "signin", "signout", "signup"],
  ...["site", "social", "staff", "status", "superuser", "support", "system", "team", "terms"],
  ...["undefined", "user", "users", "verified", "webhook", "webhooks", "webmaster", "wishlist"],
  ...["www", "you"],
];

/**
 * Returns a key that is equal for handles that look alike: 0 and o; 1, i and l; m and rn; w and vv. Underscores are removed,
 * because "ada_" looks like "ada".
 */
export function skeletonOf(handle: string): string {
  return handle
    .toLowerCase()
    .replaceAll("_", "")
    .replaceAll("0", "o")
    .replaceAll(/[1i]/g, "l")
    .replaceAll("m", "rn")
    .replaceAll("w", "vv");
}

const reserved = new Set(RESERVED.map(skeletonOf));

export type ParsedHandle =
  | { handle: string; skeleton: string }
  | { refused: "length" | "characters" | "reserved" };

/**
 * Parses a typed handle. Ignores white space around the handle, and an @ before it. Refuses reserved handles, unless `isExisting`
 * says that an existing handle is looked up. Never throws.
 */
export function parseHandle(text: string, { isExisting = false } = {}): ParsedHandle {
  const typed = text.trim().replace(/^@/, "");
  if (typed.length < 3 || typed.length > 30) return { refused: "length" };
  // Checked before toLowerCase, which turns the Kelvin sign into an ASCII k.
  if (!PATTERN.test(typed)) return { refused: "characters" };
  const handle = typed.toLowerCase();
  const skeleton = skeletonOf(handle);
  if (skeleton === "") return { refused: "characters" };
  const isReserved = reserved.has(skeleton) || handle.startsWith(GENERATED_PREFIX);
  if (isReserved && !isExisting) return { refused: "reserved" };
  return { handle, skeleton };
}
