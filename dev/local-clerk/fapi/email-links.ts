// Opens email links. A link can be opened in any browser. The response redirects to the URL that was given when the link was
// requested, with the result in the query.

import { Hono } from "hono";
import { ownerOfEmail, updateEmail } from "../authentication/identifications";
import { decodeLink, openLink } from "../authentication/verifications";
import type { ClerkContext } from "../context";
import { Refusal } from "../errors";
import { isAbandoned } from "../sessions/sessions";
import type { SignInRecord, VerificationRecord } from "../store/records";
import type { FapiEnv } from "./call";
import { requireOwnUrl } from "./own-url";
import { completeSignIn } from "./sign-in-completion";
import { completeSignUp } from "./sign-up-completion";

type Opened = {
  status: "verified" | "expired" | "failed";
  redirectUrl: string | null;
  sessionId: string | null;
};

const nothing: Opened = { status: "failed", redirectUrl: null, sessionId: null };

export function verifyRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.get("/verify", (call) => {
    const link = decodeLink(call.req.query("token") ?? "");
    const opened = link ? context.state.change(() => open[link.kind](context, link)) : nothing;
    const target = requireOwnUrl(context, opened.redirectUrl ?? "/sign-in");
    target.searchParams.set("__clerk_status", opened.status);
    if (opened.sessionId) target.searchParams.set("__clerk_created_session", opened.sessionId);
    return call.redirect(target.href, 303);
  });

  return routes;
}

type Link = { id: string; secret: string };

const open = {
  sign_up(context: ClerkContext, { id, secret }: Link): Opened {
    const signUp = context.state.signUps.get(id);
    const redirectUrl = signUp?.verification?.redirectUrl ?? null;
    const verification = openLink(context, signUp?.verification ?? null, secret);
    if (!signUp || !verification || isAbandoned(context, signUp))
      return { ...nothing, redirectUrl };
    const next = { ...signUp, verification };
    const isVerified = verification.status === "verified";
    return unlessRefused(redirectUrl, () => {
      const done = isVerified ? completeSignUp(context, next) : context.state.signUps.put(next);
      return { ...statusOf(verification.status), redirectUrl, sessionId: done.createdSessionId };
    });
  },

  sign_in(context: ClerkContext, { id, secret }: Link): Opened {
    const signIn = context.state.signIns.get(id);
    const redirectUrl = signIn?.verification?.redirectUrl ?? null;
    const verification = openLink(context, signIn?.verification ?? null, secret);
    const user = context.state.users.get(signIn?.userId);
    if (!signIn || !verification || isAbandoned(context, signIn))
      return { ...nothing, redirectUrl };
    if (!user && signIn.signUpIfMissing) return openUnknown(context, signIn, verification);
    if (!user) return { ...nothing, redirectUrl };
    const next = { ...signIn, verification };
    const isVerified = verification.status === "verified";
    return unlessRefused(redirectUrl, () => {
      const done = isVerified
        ? completeSignIn(context, next, user, verification)
        : context.state.signIns.put(next);
      return { ...statusOf(verification.status), redirectUrl, sessionId: done.createdSessionId };
    });
  },

  email(context: ClerkContext, { id, secret }: Link): Opened {
    const owned = ownerOfEmail(context, id);
    const redirectUrl = owned?.item.verification?.redirectUrl ?? null;
    const verification = openLink(context, owned?.item.verification ?? null, secret);
    if (!owned || !verification) return { ...nothing, redirectUrl };
    return unlessRefused(redirectUrl, () => {
      updateEmail(context, owned.user, { ...owned.item, verification });
      return { ...statusOf(verification.status), redirectUrl, sessionId: null };
    });
  },
};

/**
 * Stores the result of a link that was sent to an address without an account. If the address is now verified, the page that waits
 * for the link transfers the sign-in to a sign-up.
 */
function openUnknown(
  context: ClerkContext,
  signIn: SignInRecord,
  verification: VerificationRecord,
): Opened {
  const isVerified = verification.status === "verified";
  const status = isVerified ? ("transferable" as const) : verification.status;
  context.state.signIns.put({ ...signIn, verification: { ...verification, status } });
  return { ...statusOf(verification.status), redirectUrl: verification.redirectUrl };
}

/**
 * Runs `finish`. When one of Clerk's rules makes `finish` throw, returns the status `failed` for the redirect. The page that
 * requested the link displays the reason.
 */
function unlessRefused(redirectUrl: string | null, finish: () => Opened): Opened {
  try {
    return finish();
  } catch (error) {
    if (error instanceof Refusal) return { ...nothing, redirectUrl };
    throw error;
  }
}

function statusOf(status: string): Opened {
  return { ...nothing, status: status === "verified" || status === "expired" ? status : "failed" };
}
