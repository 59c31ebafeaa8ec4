// The Backend API's operations on M2M tokens. The caller is a machine with its own secret key, or the app with its secret key.

import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { expirationAfter, isExpired } from "../accounts/api-keys";
import type { ClerkContext } from "../context";
import { keyInvalid, notFound, paramInvalid, paramMissing } from "../errors";
import { randomToken } from "../ids";
import { credentialJson } from "../resources/api-key";
import { signJwt } from "../sessions/tokens";
import type { M2mTokenRecord, MachineRecord } from "../store/records-machines";
import { revocation } from "./api-keys";
import { type BapiEnv, type Call, metadata, pageFields, readBody, readQuery, word } from "./call";
import { machineWithKey } from "./machines";

const creation = z.object({
  token_format: z.enum(["opaque", "jwt"]).default("opaque"),
  seconds_until_expiration: z.number().positive().nullish(),
  claims: metadata.nullish(),
  min_remaining_ttl_seconds: z.number().int().min(0).nullish(),
});
const listing = z.object({
  limit: pageFields.limit,
  offset: pageFields.offset,
  subject: word,
  revoked: word,
  expired: word,
});

export function m2mTokenRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();
  const { m2mTokens } = context.state;

  routes.get("/m2m_tokens", (call) => {
    const { limit, offset, subject, revoked, expired } = readQuery(call, listing);
    if (!subject) throw paramMissing("subject");
    const machine = callingMachine(context, call);
    if (machine && machine.id !== subject) throw notFound("machine", subject);
    const found = context.state.m2mTokensByMachine
      .all(subject)
      .filter((each) => each.isRevoked === (revoked === "true"))
      .filter((each) => isExpired(context, each) === (expired === "true"))
      .reverse();
    const page = found.slice(offset, offset + limit).map((each) => tokenJson(context, each));
    return call.json({ m2m_tokens: page, total_count: found.length });
  });

  routes.post("/m2m_tokens", async (call) => {
    const machine = callingMachine(context, call);
    if (!machine) throw keyInvalid();
    const given = readBody(call, creation);
    const seconds = given.seconds_until_expiration ?? machine.defaultTokenSeconds;
    const claims = given.claims ?? null;
    const remaining = given.min_remaining_ttl_seconds ?? null;
    if (remaining !== null && remaining >= seconds) {
      const why = "min_remaining_ttl_seconds must be less than the lifetime of the token.";
      throw paramInvalid("min_remaining_ttl_seconds", why);
    }
    if (given.token_format === "jwt") {
      return call.json(await jwtJson(context, machine, claims, seconds), 201);
    }
    const token =
      (remaining === null ? null : reusable(context, machine, claims, remaining)) ??
      m2mTokens.put(newToken(context, machine, claims, seconds));
    return call.json({ ...tokenJson(context, token), token: token.secret }, 201);
  });

  /** Refuses tokens that are unknown, revoked or expired, and with a machine's key, tokens that are not scoped to that machine. */
  routes.post("/m2m_tokens/verify", (call) => {
    const { token: secret } = readBody(call, z.object({ token: z.string() }));
    const machine = callingMachine(context, call);
    const token = context.state.m2mTokensBySecret.first(secret);
    const isValid = token && !token.isRevoked && !isExpired(context, token);
    const isInScope = !machine || token?.scopes.includes(machine.id);
    if (!isValid || !isInScope) throw notFound("M2M token", secret);
    const used = m2mTokens.put({ ...token, lastUsedAt: context.clock.now() });
    return call.json(tokenJson(context, used));
  });

  routes.post("/m2m_tokens/:id/revoke", (call) => {
    const { id } = call.req.param();
    const machine = callingMachine(context, call);
    const token = m2mTokens.get(id);
    if (!token || (machine && machine.id !== token.machineId)) throw notFound("M2M token", id);
    const revocationReason = readBody(call, revocation).revocation_reason ?? null;
    const updatedAt = context.clock.now();
    const revoked = m2mTokens.put({ ...token, isRevoked: true, revocationReason, updatedAt });
    return call.json(tokenJson(context, revoked));
  });

  return routes;
}

/** Returns the machine whose secret key authorizes the call; undefined when the key is the app's. */
function callingMachine(context: ClerkContext, call: Call): MachineRecord | undefined {
  const header = call.req.header("authorization") ?? "";
  return machineWithKey(context, header.replace(/^Bearer /, ""));
}

function newToken(
  context: ClerkContext,
  { id: machineId, scopes }: MachineRecord,
  claims: M2mTokenRecord["claims"],
  seconds: number,
): M2mTokenRecord {
  const now = context.clock.now();
  return {
    id: `mt_${randomBytes(16).toString("hex")}`,
    machineId,
    claims,
    scopes,
    secret: `mt_${randomToken(43)}`,
    isRevoked: false,
    revocationReason: null,
    expiration: expirationAfter(context, seconds),
    lastUsedAt: null,
    createdAt: now,
    updatedAt: now,
  };
}

/** Returns a token of the machine with the same claims and scopes that remains valid for `seconds` or longer. */
function reusable(
  context: ClerkContext,
  machine: MachineRecord,
  claims: M2mTokenRecord["claims"],
  seconds: number,
): M2mTokenRecord | undefined {
  const until = context.clock.now() + seconds * 1000;
  const wanted = JSON.stringify([claims, machine.scopes]);
  return context.state.m2mTokensByMachine
    .all(machine.id)
    .find(
      (each) =>
        !each.isRevoked &&
        (each.expiration === null || each.expiration >= until) &&
        JSON.stringify([each.claims, each.scopes]) === wanted,
    );
}

/** Returns the JSON of a token in the JWT format. It is not stored: its holder verifies it with the instance's public key. */
async function jwtJson(
  context: ClerkContext,
  machine: MachineRecord,
  claims: M2mTokenRecord["claims"],
  seconds: number,
) {
  const token = newToken(context, machine, claims, seconds);
  const iat = Math.floor(token.createdAt / 1000);
  const payload = {
    ...claims,
    iss: context.proxyUrl,
    sub: machine.id,
    jti: token.id,
    scopes: machine.scopes.join(" "),
    iat,
    nbf: iat,
    exp: iat + Math.ceil(seconds),
  };
  const jwt = await signJwt(context, payload, "m2m");
  return { ...tokenJson(context, token), token: jwt };
}

function tokenJson(context: ClerkContext, token: M2mTokenRecord) {
  return {
    object: "machine_to_machine_token",
    id: token.id,
    subject: token.machineId,
    ...credentialJson(context, token),
  };
}
