// Session tokens: the user, the session, the active organization and the role in it. A token is signed with the instance's key
// and is valid for a minute by default. As at Clerk, system permissions are never in a token.
//
// Signing is asynchronous. Each function here reads every record before its first `await`, so a token and
// the response around it describe one moment.

import { randomBytes } from "node:crypto";
import { type JWTPayload, SignJWT } from "jose";
import type { ClerkContext } from "../context";
import { newId } from "../ids";
import { permissionKeys } from "../instance/roles";
import { sessionClaims } from "../instance/settings";
import type { OrganizationRecord, SessionRecord } from "../store/records";
import { type Claims, fillClaims } from "./shortcodes";

/** Clerk's values of the header `cat`. Its SDK refuses a token of one kind where it expects the other. */
const categories = { session: "cl_B7d4PD111AAA", m2m: "cl_B7d4PD333AAA" };

export function signJwt(
  context: ClerkContext,
  payload: JWTPayload,
  kind: keyof typeof categories = "session",
): Promise<string> {
  const header = { alg: "RS256", cat: categories[kind], kid: context.keys.instanceId, typ: "JWT" };
  return new SignJWT(payload).setProtectedHeader(header).sign(context.keys.privateKey);
}

/**
 * Converts permission keys to claims, without system permissions. `org:invoices:read` and `org:invoices:manage` become the
 * feature `o:invoices` (`fea`) and the permissions `manage,read` (`per`). For each feature, `fpm` has a number: bit 0 is set if
 * the first permission of `per` is held for the feature, bit 1 if the second one is held, and so on. Features and permissions are
 * in alphabetical order.
 */
export function permissionClaims(keys: readonly string[]) {
  const custom = keys
    .map((key) => key.split(":"))
    .filter(([, feature = ""]) => feature !== "" && !feature.startsWith("sys_"));
  if (custom.length === 0) return { fea: undefined, per: undefined, fpm: undefined };
  const features = [...new Set(custom.map(([, feature]) => feature))].sort();
  const names = [...new Set(custom.map(([, , name]) => name))].sort();
  const held = new Set(custom.map(([, feature, name]) => `${feature}:${name}`));
  const bits = (feature: string | undefined) =>
    names.reduce((sum, name, place) => sum + (held.has(`${feature}:${name}`) ? 2 ** place : 0), 0);
  return {
    fea: features.map((feature) => `o:${feature}`).join(","),
    per: names.join(","),
    fpm: features.map(bits).join(","),
  };
}

/**
 * Returns the minutes since the last verification of the first factor, and of the second factor. The second number is -1 if the
 * session has no verified second factor.
 */
export function verificationAges(context: ClerkContext, session: SessionRecord): [number, number] {
  const minutes = (at: number) => Math.floor((context.clock.now() - at) / 60_000);
  return [
    minutes(session.verifiedAt),
    session.secondFactorAt === null ? -1 : minutes(session.secondFactorAt),
  ];
}

/** Returns the custom claims of all session tokens. Clerk's own claims take precedence. */
function customClaims(context: ClerkContext, session: SessionRecord): Claims {
  const user = context.state.users.get(session.userId);
  return user ? fillClaims(context, session, user, sessionClaims(context.settings)) : {};
}

/**
 * Returns the organization's claims in a token of version 1. Without an organization the claims are undefined, which removes
 * custom claims of the same names.
 */
function version1Claims(
  organization: OrganizationRecord | undefined,
  role: string,
  keys: readonly string[],
): JWTPayload {
  if (!organization) {
    const none = undefined;
    return { org_id: none, org_role: none, org_slug: none, org_permissions: none };
  }
  const { id, slug } = organization;
  const permissions = keys.filter((key) => !key.startsWith("org:sys_")).sort();
  return { org_id: id, org_role: role, org_slug: slug, org_permissions: permissions };
}

function version2Claims(
  organization: OrganizationRecord | undefined,
  role: string,
  keys: readonly string[],
): JWTPayload {
  if (!organization) return { fea: undefined, o: undefined };
  const { id, slug } = organization;
  const { fea, per, fpm } = permissionClaims(keys);
  return { fea, o: { fpm, id, per, rol: role.replace(/^org:/, ""), slg: slug } };
}

/** Signs a session token. When `organizationId` is undefined, the session's active organization is used; null means none. */
export function sessionToken(
  context: ClerkContext,
  session: SessionRecord,
  azp: string | null,
  organizationId: string | null = session.lastActiveOrganizationId,
  seconds = context.settings.tokenLifetimeSeconds,
): Promise<string> {
  const now = context.clock.now();
  const iat = Math.floor(now / 1000);
  const membership = context.state.membershipsByUser
    .all(session.userId)
    .find((each) => each.organizationId === organizationId);
  const organization = context.state.organizations.get(membership?.organizationId);
  const keys = membership ? permissionKeys(context, membership.role) : [];
  const claimsOf = context.settings.sessionTokenVersion === 1 ? version1Claims : version2Claims;
  return signJwt(context, {
    ...customClaims(context, session),
    act: session.actor ?? undefined,
    azp: azp ?? undefined,
    exp: iat + seconds,
    fva: verificationAges(context, session),
    iat,
    iss: `https://${context.keys.frontendHost}`,
    jti: randomBytes(10).toString("hex"),
    nbf: iat - 10,
    ...claimsOf(organization, membership?.role ?? "", keys),
    sid: session.id,
    sts: session.status === "pending" ? "pending" : "active",
    sub: session.userId,
    v: context.settings.sessionTokenVersion === 2 ? 2 : undefined,
  });
}

/** Signs a token for programs, such as the warm-up of a development server. Its session is not stored, so no list contains it. */
export function tokenWithoutSession(
  context: ClerkContext,
  userId: string,
  azp: string,
): Promise<string> {
  const now = context.clock.now();
  const iat = Math.floor(now / 1000);
  return signJwt(context, {
    azp,
    exp: iat + 60,
    fva: [0, -1],
    iat,
    iss: `https://${context.keys.frontendHost}`,
    jti: randomBytes(10).toString("hex"),
    nbf: iat - 10,
    sid: newId("sess", now),
    sts: "active",
    sub: userId,
    v: 2,
  });
}
