// The built-in identity provider and its OAuth callback. It replaces Google, Apple and every other provider. On its page the
// tester chooses the account.

import { Hono } from "hono";
import { requireOpenSignUp } from "../accounts/allowlist";
import {
  connectAccount,
  linkAccount,
  recordRefusedLink,
} from "../authentication/external-accounts";
import { findByIdentity } from "../authentication/oauth";
import type { ClerkContext } from "../context";
import { type ClerkError, Refusal, refusal } from "../errors";
import { providerName } from "../instance/providers";
import type { Identity, OauthRound } from "../sessions/oauth-rounds";
import { liveSessions } from "../sessions/sessions";
import { type Call, cookiesFor, currentClient, type FapiEnv, withCookies } from "./call";
import { idpPage } from "./idp-page";
import { completeSignIn, requireOpen } from "./sign-in-completion";
import { completeSignUp } from "./sign-up-completion";

const oauthErrors = {
  denied: ["oauth_access_denied", "You did not grant access to your account."],
  unknown: ["external_account_not_found", "The External Account was not found."],
  known: ["external_account_exists", "The External Account already exists."],
} as const;

export function oauthRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.get("/idp/:provider", (call) => {
    const round = requireRound(context, call.req.query("state"));
    call.header(
      "content-security-policy",
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    );
    call.header("cache-control", "no-store");
    return call.html(idpPage(context, round, providerName(round.provider)));
  });

  routes.get("/v1/oauth_callback", (call) => {
    const round = requireRound(context, call.req.query("state"));
    if (currentClient(context, call)?.id !== round.clientId) throw stale();
    context.rounds.finish(round);
    const identity = identityOf(call, round.provider);
    const target = context.state.change(() => completeRound(context, round, identity));
    const response = call.redirect(new URL(target, context.appOrigin).href, 303);
    return withCookies(response, cookiesFor(context, call));
  });

  return routes;
}

function stale(): Refusal {
  const message = "The OAuth round is over or belongs to another browser.";
  return refusal(400, "oauth_callback_invalid", "Invalid OAuth callback", message);
}

function requireRound(context: ClerkContext, id: string | undefined): OauthRound {
  const round = context.rounds.find(id);
  if (!round || round.isFinished) throw stale();
  return round;
}

function identityOf(call: Call, provider: string): Identity | null {
  const emailAddress = call.req.query("email")?.trim().toLowerCase();
  if (call.req.query("error") || !emailAddress) return null;
  return {
    provider,
    providerUserId: call.req.query("sub") || `${provider}-${emailAddress}`,
    emailAddress,
    firstName: call.req.query("first_name")?.trim() ?? "",
    lastName: call.req.query("last_name")?.trim() ?? "",
  };
}

/**
 * Completes an OAuth round at its callback and returns the URL to redirect to. After a refusal, this is the URL of the page that
 * began the round. That page displays the error.
 */
function completeRound(
  context: ClerkContext,
  round: OauthRound,
  identity: Identity | null,
): string {
  // If the user has signed out meanwhile, no account is connected and no error is recorded.
  if (round.kind === "link" && !isSignedIn(context, round)) return round.redirectUrl;
  if (!identity) {
    recordResult(context, round, "unverified", errorOf("denied"));
    return round.redirectUrl;
  }
  try {
    return proceed[round.kind](context, round, identity);
  } catch (error) {
    const [refused] = error instanceof Refusal ? error.errors : [];
    if (!refused) throw error;
    recordResult(context, round, "failed", refused);
    return round.redirectUrl;
  }
}

function isSignedIn(context: ClerkContext, { clientId, targetId }: OauthRound): boolean {
  return liveSessions(context, clientId).some(({ userId }) => userId === targetId);
}

const proceed = {
  link(context: ClerkContext, round: OauthRound, identity: Identity): string {
    const user = context.state.users.get(round.targetId);
    if (user) connectAccount(context, user, identity);
    return round.redirectUrl;
  },

  sign_in(context: ClerkContext, round: OauthRound, identity: Identity): string {
    const signIn = context.state.signIns.get(round.targetId);
    if (!signIn?.verification) throw stale();
    const user = findByIdentity(context, identity);
    if (!user) {
      requireOpenSignUp(context);
      context.rounds.finishWithIdentity(round, identity);
      recordResult(context, round, "transferable", errorOf("unknown"));
      return round.redirectUrl;
    }
    requireOpen(context, signIn, user);
    const linked = linkAccount(context, user, identity);
    const known = { ...signIn, userId: user.id, identifier: identity.emailAddress };
    const verification = { ...signIn.verification, status: "verified" as const };
    const done = completeSignIn(context, known, linked, verification);
    return done.status === "complete" ? round.completeUrl : round.redirectUrl;
  },

  sign_up(context: ClerkContext, round: OauthRound, identity: Identity): string {
    const signUp = context.state.signUps.get(round.targetId);
    if (!signUp?.externalVerification) throw stale();
    if (findByIdentity(context, identity)) {
      context.rounds.finishWithIdentity(round, identity);
      recordResult(context, round, "transferable", errorOf("known"));
      return round.redirectUrl;
    }
    const externalVerification = { ...signUp.externalVerification, status: "verified" as const };
    const done = completeSignUp(context, { ...signUp, externalVerification }, identity);
    return done.createdUserId ? round.completeUrl : round.redirectUrl;
  },
};

/** Stores the result in the sign-in, sign-up or profile that began the round. A completed sign-in or sign-up is not changed. */
function recordResult(
  context: ClerkContext,
  round: OauthRound,
  status: "unverified" | "transferable" | "failed",
  error: ClerkError,
): void {
  const { signIns, signUps, users } = context.state;
  const user = round.kind === "link" ? users.get(round.targetId) : undefined;
  if (user) recordRefusedLink(context, user, round.provider, error);
  const signIn = signIns.get(round.targetId);
  if (signIn?.verification && signIn.status !== "complete") {
    signIns.put({ ...signIn, verification: { ...signIn.verification, status, error } });
  }
  const signUp = signUps.get(round.targetId);
  if (signUp?.externalVerification && !signUp.createdUserId) {
    const externalVerification = { ...signUp.externalVerification, status, error };
    signUps.put({ ...signUp, externalVerification });
  }
}

function errorOf(what: keyof typeof oauthErrors): ClerkError {
  const [code, message] = oauthErrors[what];
  return { code, message, long_message: message };
}
