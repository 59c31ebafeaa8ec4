// Helpers for one request to the Frontend API: the browser's client, the form fields, and the response envelope, which contains
// the client's state.

import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { z } from "zod";
import type { ClerkContext } from "../context";
import { parseInput } from "../error-response";
import { contentTypeInvalid, signedOut } from "../errors";
import { permissionKeys } from "../instance/roles";
import { organizationGone, permissionMissing } from "../organizations/errors";
import { findMembership } from "../organizations/organizations";
import { clientJson } from "../sessions/client-json";
import { bothNames, clientCookie, clientCookies, devBrowserName } from "../sessions/cookies";
import { createClient, liveSessions } from "../sessions/sessions";
import type { ClientRecord, SessionRecord, UserRecord } from "../store/records";

type Fields = Record<string, string | string[]>;
export type FapiEnv = {
  Bindings: HttpBindings;
  Variables: { createdClientId: string; fields: Fields };
};
export type Call = Context<FapiEnv>;

/**
 * Whether a native app sent the request. A native app has no cookies and no origin: it sends the token of its client as a header.
 */
export const isNative = (call: Call) => call.req.query("_is_native") === "1";

export function currentClient(context: ClerkContext, call: Call): ClientRecord | undefined {
  const created = call.get("createdClientId");
  if (created) return context.state.clients.get(created);
  const token = isNative(call) ? nativeToken(call) : browserToken(context, call);
  return token ? context.state.clientsByToken.first(token) : undefined;
}

function nativeToken(call: Call): string | undefined {
  return call.req.header("authorization")?.replace(/^Bearer /i, "");
}

function browserToken(context: ClerkContext, call: Call): string | undefined {
  return context.isDevelopment
    ? (call.req.query(devBrowserName) ?? devBrowserCookie(context, call))
    : getCookie(call, clientCookie(context));
}

/** Sends the token of the client to a native app, in the `authorization` response header. */
export async function answerNatively(
  context: ClerkContext,
  call: Call,
  next: () => Promise<void>,
): Promise<void> {
  await next();
  const client = isNative(call) ? currentClient(context, call) : undefined;
  if (client) call.header("authorization", client.token);
}

function devBrowserCookie(context: ClerkContext, call: Call): string | undefined {
  const [plain, suffixed] = bothNames(context, devBrowserName);
  return getCookie(call, suffixed) ?? getCookie(call, plain);
}

/** Returns the client of the browser. Creates a client if the browser has none. */
export function openClient(context: ClerkContext, call: Call): ClientRecord {
  const known = currentClient(context, call);
  if (known) return known;
  const client = createClient(context);
  call.set("createdClientId", client.id);
  return client;
}

/** Returns the origin of the page, for the `azp` claim of session tokens. Null for a native app, whose tokens have no `azp`. */
export function callerOrigin(context: ClerkContext, call: Call): string | null {
  if (isNative(call)) return null;
  return call.req.header("origin") ?? context.appOrigin;
}

/**
 * Returns the live session with the id in the request, or without an id the session that was active last. Throws when there is
 * none.
 */
export function currentSession(context: ClerkContext, call: Call): SessionRecord {
  const client = currentClient(context, call);
  const sessions = client ? liveSessions(context, client.id) : [];
  const requestedId = call.req.query("_clerk_session_id") ?? client?.lastActiveSessionId;
  const session = sessions.find((each) => each.id === requestedId);
  if (!session) throw signedOut();
  return session;
}

export function currentUser(context: ClerkContext, call: Call): UserRecord {
  const user = context.state.users.get(currentSession(context, call).userId);
  if (!user) throw signedOut();
  return user;
}

/** Returns the organization in the path. Throws unless the user is a member with the permission. */
export function requireOrganization(context: ClerkContext, call: Call, permission?: string) {
  const user = currentUser(context, call);
  const organization = context.state.organizations.get(call.req.param("organizationId"));
  const membership = organization && findMembership(context, organization.id, user.id);
  if (!organization || !membership) throw organizationGone();
  if (permission && !permissionKeys(context, membership.role).includes(permission)) {
    throw permissionMissing(permission);
  }
  return { user, organization, membership };
}

const isForm = /^application\/x-www-form-urlencoded/;
const isForPictures = /\/(profile_image|logo)$/;

/**
 * Parses the form fields; a repeated field becomes a list. Reads the whole body before any handler reads a record, so that no
 * handler acts on records that became outdated while the body arrived.
 */
export async function keepForm(call: Call, next: () => Promise<void>): Promise<void> {
  if (call.req.method !== "GET" && !isForPictures.test(call.req.path)) {
    const type = call.req.header("content-type");
    if (type !== undefined && !isForm.test(type)) throw contentTypeInvalid(type);
    call.set("fields", fieldsOf(new URLSearchParams(await call.req.text())));
  }
  await next();
}

function fieldsOf(sent: URLSearchParams): Fields {
  const fields: Fields = {};
  for (const name of new Set(sent.keys())) {
    const values = sent.getAll(name);
    fields[name] = values.length === 1 ? (values[0] ?? "") : values;
  }
  return fields;
}

export function readForm<T>(call: Call, schema: z.ZodType<T>): T {
  return parseInput(schema, call.get("fields"));
}

/**
 * Returns the `Set-Cookie` values that the browser needs: all cookies if the client is new or the browser's `__client_uat`
 * cookies are outdated, otherwise none.
 */
export function cookiesFor(context: ClerkContext, call: Call): string[] {
  if (isNative(call)) return [];
  const client = currentClient(context, call);
  const uat = String(client?.uat ?? 0);
  const isStale = bothNames(context, "__client_uat").some((name) => getCookie(call, name) !== uat);
  return isStale || call.get("createdClientId") ? clientCookies(context, client) : [];
}

export function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) response.headers.append("set-cookie", cookie);
  return response;
}

/** Resolves to the client's JSON for the response envelope; null for a browser without a client. */
export async function clientForEnvelope(context: ClerkContext, call: Call) {
  const client = currentClient(context, call);
  return client ? clientJson(context, client, callerOrigin(context, call)) : null;
}

/**
 * Sends `response`, which may be a promise, together with the client's JSON. Reads all records and cookies before the first
 * `await`.
 */
export async function reply(
  context: ClerkContext,
  call: Call,
  response: unknown,
): Promise<Response> {
  const cookies = cookiesFor(context, call);
  const [body, client] = await Promise.all([response, clientForEnvelope(context, call)]);
  return withCookies(call.json({ response: body, client }), cookies);
}
