/**
 * `POST /api/actions`: starts a guarded action, or resumes, confirms, undoes or discards one. The session on the server, not the
 * page, decides whether an action runs at once or is deferred: if the session has ended meanwhile, the action is deferred.
 */
import { z } from "zod";
import { readBody } from "../body";
import { env } from "../env";
import { findFormerUserId, findViewer, type Viewer } from "../identity/viewer";
import { log } from "../log";
import type { ActionResponse, Result } from "./action-types";
import {
  clearIntentCookie,
  type IntentCookie,
  intentCookies,
  MAX_INTENTS,
  newSecret,
  setIntentCookie,
} from "./cookies";
import type { Runner } from "./decide";
import { registry } from "./registry";
import {
  deferAction,
  discard,
  findRun,
  pendingPurpose,
  performAction,
  runIntent,
  undoAction,
} from "./run";

const MAX_BODY_BYTES = 4 * 1024;

const id = z.uuid().transform((text) => text.toLowerCase());
const body = z.discriminatedUnion("step", [
  z.object({ step: z.literal("press"), id, action: z.string().max(100), args: z.unknown() }),
  z.object({ step: z.literal("resume"), id: id.nullable() }),
  z.object({ step: z.literal("confirm"), id }),
  z.object({ step: z.literal("undo"), id }),
  z.object({ step: z.literal("discard"), id }),
]);

type Body = z.output<typeof body>;
type Caller = { cookies: IntentCookie[]; viewer: Viewer | null; formerUserId: string | null };

function respond(status: number, value: unknown, cookies: string[] = []): Response {
  const headers = new Headers({ "cache-control": "no-store" });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return Response.json(value, { status, headers });
}

function refuse(status: number, error: string, headers: Record<string, string> = {}): Response {
  const response = respond(status, { error });
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

/**
 * True if this app's own page sent the request. A form on another site cannot send JSON, and a script on another site cannot pass
 * the CORS preflight. The origin is checked as well.
 */
function isSameOrigin({ headers }: Request): boolean {
  const isJson = /^application\/json\b/i.test(headers.get("content-type") ?? "");
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  return (
    isJson &&
    (origin === null || origin === env().appUrl) &&
    (site === null || site === "same-origin")
  );
}

function parseBody(bytes: Buffer): Body | null {
  try {
    return body.safeParse(JSON.parse(bytes.toString("utf8"))).data ?? null;
  } catch {
    return null;
  }
}

const runnerOf = ({ user, impersonatorId }: Viewer): Runner => ({
  userId: user.id,
  isImpersonated: impersonatorId !== null,
});

/** False for an intent that needs confirmation or has failed: it may still run, so its cookie is kept. */
const isSettled = ({ status }: Result) => status !== "ask" && status !== "failed";

const ok = (results: Result[], cookies: string[] = []) =>
  respond(200, { status: "ok", results } satisfies ActionResponse, cookies);

async function press(given: Extract<Body, { step: "press" }>, caller: Caller): Promise<Response> {
  const secret = newSecret();
  const pressed = { id: given.id, secret, action: given.action, args: given.args };
  if (caller.viewer) return ok([await performAction(registry, pressed, runnerOf(caller.viewer))]);
  const result = await deferAction(registry, pressed, caller.formerUserId);
  if (result.status !== "deferred") return ok([result]);
  const excess = caller.cookies.slice(0, Math.max(0, caller.cookies.length - MAX_INTENTS + 1));
  for (const cookie of excess) await discard(cookie.id, cookie.secret);
  return ok(
    [result],
    [
      setIntentCookie({ id: given.id, secret }),
      ...excess.map((each) => clearIntentCookie(each.id)),
    ],
  );
}

/** Runs one intent. On an error the intent stays pending, and the browser's other intents still run. */
async function runOrReport(cookie: IntentCookie, runner: Runner): Promise<Result> {
  try {
    return await runIntent(registry, cookie, runner);
  } catch (error) {
    log.error("deferred action failed", { intentId: cookie.id }, error);
    const text = "This did not work. Nothing was changed. Load the page again to try once more.";
    return { id: cookie.id, status: "failed", text };
  }
}

/**
 * Runs every intent of this browser. If nobody is signed in, returns the pending actions instead. `requestedId` is the intent in
 * the page's URL. If this browser lacks that intent's cookie, the response contains the result of {@link findRun}.
 */
async function resume(requestedId: string | null, { cookies, viewer }: Caller): Promise<Response> {
  const results: Result[] = [];
  if (!viewer) {
    for (const cookie of cookies) {
      const text = await pendingPurpose(registry, cookie);
      if (text) results.push({ id: cookie.id, status: "deferred", text });
    }
    return respond(401, { status: "needs-sign-in", results } satisfies ActionResponse);
  }
  for (const cookie of cookies) results.push(await runOrReport(cookie, runnerOf(viewer)));
  if (requestedId !== null && !cookies.some((cookie) => cookie.id === requestedId)) {
    results.push(await findRun(registry, requestedId, viewer.user.id));
  }
  return ok(
    results,
    results.filter(isSettled).map((result) => clearIntentCookie(result.id)),
  );
}

async function handle(given: Body, caller: Caller): Promise<Response> {
  if (given.step === "press") return press(given, caller);
  if (given.step === "resume") return resume(given.id, caller);
  const cookie = caller.cookies.find((each) => each.id === given.id);
  if (given.step === "discard") {
    if (cookie) await discard(cookie.id, cookie.secret);
    return ok([], [clearIntentCookie(given.id)]);
  }
  if (!caller.viewer)
    return respond(401, { status: "needs-sign-in", results: [] } satisfies ActionResponse);
  const runner = runnerOf(caller.viewer);
  if (given.step === "undo") return ok([await undoAction(registry, given.id, runner)]);
  const secret = cookie?.secret ?? "";
  const result = await runIntent(registry, { id: given.id, secret }, runner, true);
  return ok([result], [clearIntentCookie(given.id)]);
}

const later = { "retry-after": "5" };

export async function answerAction(request: Request): Promise<Response> {
  if (!isSameOrigin(request)) return refuse(403, "Send JSON, from a page of this site.");
  const bytes = await readBody(request, MAX_BODY_BYTES);
  if (!Buffer.isBuffer(bytes)) return refuse(bytes.status, bytes.error, bytes.headers);
  const given = parseBody(bytes);
  if (!given) return refuse(400, "This is not an action.");
  const authentication = await findViewer(request.headers);
  if (!authentication.viewer && authentication.reason === "unavailable") {
    return refuse(503, "Rollcall cannot check your session right now. Try again.", later);
  }
  const { viewer } = authentication;
  try {
    return await handle(given, {
      viewer,
      cookies: intentCookies(request.headers.get("cookie")),
      formerUserId: viewer ? null : await findFormerUserId(request.headers),
    });
  } catch (error) {
    log.error("action failed", { step: given.step }, error);
    return refuse(503, "This did not work. Nothing was changed. Try again.", later);
  }
}
