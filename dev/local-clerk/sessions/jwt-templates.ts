// Tokens from a JWT template: custom claims with their shortcodes filled in. They are signed with the instance's key, or with a
// secret that another service knows.

import { randomBytes } from "node:crypto";
import { type JWTPayload, SignJWT } from "jose";
import type { ClerkContext } from "../context";
import { notFound } from "../errors";
import type { SessionRecord } from "../store/records";
import { fillClaims } from "./shortcodes";
import { signJwt } from "./tokens";

/**
 * Signs a token from a template. `seconds` overrides the template's lifetime. Throws `resource_not_found` for an unknown
 * template.
 */
export function templateToken(
  context: ClerkContext,
  session: SessionRecord,
  azp: string | null,
  name: string,
  seconds?: number,
): Promise<string> {
  const template = context.state.jwtTemplatesByName.first(name);
  const user = context.state.users.get(session.userId);
  if (!template || !user) throw notFound("JWT template", name);
  const iat = Math.floor(context.clock.now() / 1000);
  const payload = {
    ...fillClaims(context, session, user, template.claims),
    azp: azp ?? undefined,
    exp: iat + (seconds ?? template.lifetime),
    iat,
    iss: `https://${context.keys.frontendHost}`,
    jti: randomBytes(10).toString("hex"),
    nbf: iat - template.allowedClockSkew,
    sub: user.id,
  };
  return template.signingKey
    ? signWithSecret(template.signingKey, payload)
    : signJwt(context, payload);
}

function signWithSecret(secret: string, payload: JWTPayload): Promise<string> {
  const header = { alg: "HS256", typ: "JWT" };
  return new SignJWT(payload).setProtectedHeader(header).sign(Buffer.from(secret));
}
