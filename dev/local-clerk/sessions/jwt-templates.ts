// Tokens by a template: claims of the app's own, with shortcodes filled in, signed with the instance's key
// or with a secret that another service shares.

import { createHmac, randomBytes } from "node:crypto";
import type { ClerkContext } from "../context";
import { notFound } from "../errors";
import { frontendHost } from "../instance/keys";
import type { SessionRecord } from "../store/records";
import type { JwtTemplateRecord } from "../store/records-instance";
import { fillClaims } from "./shortcodes";
import { signJwt } from "./tokens";

export function templateToken(
  context: ClerkContext,
  session: SessionRecord,
  azp: string,
  name: string,
  seconds?: number,
): string {
  const template = context.state.jwtTemplatesByName.first(name);
  const user = context.state.users.get(session.userId);
  if (!template || !user) throw notFound("JWT template", name);
  const iat = Math.floor(context.clock.now() / 1000);
  const payload = {
    ...fillClaims(context, session, user, template.claims),
    azp,
    exp: iat + (seconds ?? template.lifetime),
    iat,
    iss: `https://${frontendHost}`,
    jti: randomBytes(10).toString("hex"),
    nbf: iat - template.allowedClockSkew,
    sub: user.id,
  };
  return template.signingKey
    ? signedWith(template, template.signingKey, payload)
    : signJwt(context, payload);
}

function signedWith(template: JwtTemplateRecord, key: string, payload: object): string {
  const text = [{ alg: template.signingAlgorithm, typ: "JWT" }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}
