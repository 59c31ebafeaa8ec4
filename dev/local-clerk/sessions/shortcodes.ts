// Fills the shortcodes of custom claims, such as {{user.public_metadata}}, in JWT templates and session tokens.

import type { ClerkContext } from "../context";
import { primaryEmail, userImageUrl } from "../resources/public-user";
import type { SessionRecord, UserRecord } from "../store/records";

export type Claims = Record<string, unknown>;

export function fillClaims(
  context: ClerkContext,
  session: SessionRecord,
  user: UserRecord,
  claims: Claims,
): Claims {
  return fillShortcodes(claims, (code) => shortcodeValue(context, session, user, code));
}

/**
 * Fills the shortcodes in all strings. A string that consists of one shortcode is replaced by the value itself, with the value's
 * type. Inside other text, the value is converted to text.
 */
function fillShortcodes(claims: Claims, find: (code: string) => unknown): Claims {
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fill(each)]));
    }
    if (typeof value !== "string") return value;
    const whole = /^\{\{\s*([\w.]+)\s*\}\}$/.exec(value)?.[1];
    if (whole) return find(whole) ?? null;
    return value.replaceAll(/\{\{\s*([\w.]+)\s*\}\}/g, (_, code: string) =>
      String(find(code) ?? ""),
    );
  };
  return Object.fromEntries(Object.entries(claims).map(([name, each]) => [name, fill(each)]));
}

function shortcodeValue(
  context: ClerkContext,
  session: SessionRecord,
  user: UserRecord,
  code: string,
): unknown {
  const organization = context.state.organizations.get(session.lastActiveOrganizationId);
  const membership = context.state.membershipsByUser
    .all(user.id)
    .find((each) => each.organizationId === organization?.id);
  const known: Claims = {
    "user.id": user.id,
    "user.external_id": user.externalId,
    "user.first_name": user.firstName,
    "user.last_name": user.lastName,
    "user.full_name": [user.firstName, user.lastName].filter(Boolean).join(" "),
    "user.username": user.username,
    "user.primary_email_address": primaryEmail(user)?.address,
    "user.email_verified": primaryEmail(user)?.verification?.status === "verified",
    "user.primary_phone_number": user.phones[0]?.number,
    "user.image_url": userImageUrl(context, user),
    "user.created_at": user.createdAt,
    "user.updated_at": user.updatedAt,
    "user.last_sign_in_at": user.lastSignInAt,
    "user.public_metadata": user.publicMetadata,
    "user.unsafe_metadata": user.unsafeMetadata,
    "org.id": organization?.id,
    "org.name": organization?.name,
    "org.slug": organization?.slug,
    "org.public_metadata": organization?.publicMetadata,
    "org.role": membership?.role,
    "session.id": session.id,
    "session.actor": session.actor,
  };
  if (code in known) return known[code];
  const [, root = "", rest = ""] =
    /^((?:user|org)\.(?:public|unsafe)_metadata)\.(.+)$/.exec(code) ?? [];
  return rest.split(".").reduce<unknown>((value, name) => field(value, name), known[root]);
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
