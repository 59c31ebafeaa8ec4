// Tokens by a template: claims of the app's own, with shortcodes filled in, signed with the instance's key
// or with a secret that another service shares.

import { createHmac, randomBytes } from "node:crypto";
import { notFound } from "./errors";
import { frontendHost } from "./keys";
import type { SessionRecord, UserRecord } from "./records";
import type { JwtTemplateRecord } from "./records-instance";
import { primaryEmail, userImageUrl } from "./resources/public-user";
import { signJwt } from "./tokens";
import type { World } from "./world";

export function templateToken(
  world: World,
  session: SessionRecord,
  azp: string,
  name: string,
): string {
  const template = world.state.jwtTemplatesByName.first(name);
  const user = world.state.users.get(session.userId);
  if (!template || !user) throw notFound("JWT template", name);
  const iat = Math.floor(world.clock.now() / 1000);
  const payload = {
    ...filled(template.claims, (code) => shortcodeValue(world, session, user, code)),
    azp,
    exp: iat + template.lifetime,
    iat,
    iss: `https://${frontendHost}`,
    jti: randomBytes(10).toString("hex"),
    nbf: iat - template.allowedClockSkew,
    sub: user.id,
  };
  return template.signingKey
    ? signedWith(template, template.signingKey, payload)
    : signJwt(world, payload);
}

function signedWith(template: JwtTemplateRecord, key: string, payload: object): string {
  const text = [{ alg: template.signingAlgorithm, typ: "JWT" }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}

/** A text that is one shortcode takes its value's type; among other text it becomes text. */
function filled(claims: Record<string, unknown>, find: (code: string) => unknown) {
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
  world: World,
  session: SessionRecord,
  user: UserRecord,
  code: string,
): unknown {
  const organization = world.state.organizations.get(session.lastActiveOrganizationId);
  const membership = world.state.membershipsByUser
    .all(user.id)
    .find((each) => each.organizationId === organization?.id);
  const known: Record<string, unknown> = {
    "user.id": user.id,
    "user.external_id": user.externalId,
    "user.first_name": user.firstName,
    "user.last_name": user.lastName,
    "user.full_name": [user.firstName, user.lastName].filter(Boolean).join(" "),
    "user.username": user.username,
    "user.primary_email_address": primaryEmail(user)?.address,
    "user.email_verified": primaryEmail(user)?.verification?.status === "verified",
    "user.primary_phone_number": user.phones[0]?.number,
    "user.image_url": userImageUrl(world, user),
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
