// The built-in identity provider, and the way back from it. Whoever comes as whom is chosen on its page:
// it stands in for Google and Apple alike.

import { Hono } from "hono";
import { requireOpenDoor } from "../accounts/allowlist";
import { connectAccount, linkAccount, noteRefusedLink } from "../authentication/external-accounts";
import { findByIdentity } from "../authentication/oauth";
import type { World } from "../context";
import { type ClerkError, Refusal, refusal } from "../errors";
import { type Provider, providerNames } from "../instance/providers";
import type { Identity, Round } from "../sessions/oauth-rounds";
import { liveSessions } from "../sessions/sessions";
import { type Call, currentClient, type FapiEnv, withCookies } from "./call";
import { idpPage } from "./idp-page";
import { completeSignIn, requireOpen } from "./sign-in-completion";
import { completeSignUp } from "./sign-up-completion";

const trouble = {
  denied: ["oauth_access_denied", "You did not grant access to your account."],
  unknown: ["external_account_not_found", "The External Account was not found."],
  known: ["external_account_exists", "The External Account already exists."],
} as const;

export function oauthRoutes(world: World) {
  const routes = new Hono<FapiEnv>();

  routes.get("/idp/:provider", (call) => {
    const round = requireRound(world, call.req.query("state"));
    call.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    call.header("cache-control", "no-store");
    return call.html(idpPage(world, round, providerNames[round.provider]));
  });

  routes.get("/v1/oauth_callback", (call) => {
    const round = requireRound(world, call.req.query("state"));
    if (currentClient(world, call)?.id !== round.clientId) throw stale();
    world.rounds.end(round);
    const identity = identityOf(call, round.provider);
    const target = world.state.change(() => comeBack(world, round, identity));
    return withCookies(world, call, call.redirect(new URL(target, world.appOrigin).href, 303));
  });

  return routes;
}

function stale(): Refusal {
  const message = "The OAuth round is over or belongs to another browser.";
  return refusal(400, "oauth_callback_invalid", "Invalid OAuth callback", message);
}

function requireRound(world: World, id: string | undefined): Round {
  const round = world.rounds.find(id);
  if (!round || round.isOver) throw stale();
  return round;
}

function identityOf(call: Call, provider: Provider): Identity | null {
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

/** Does what the coming back means, and says where to go on: a refusal is told by the page that began it. */
function comeBack(world: World, round: Round, identity: Identity | null): string {
  // Nothing is linked, nor noted, for whoever has left meanwhile.
  if (round.kind === "link" && !isSignedIn(world, round)) return round.redirectUrl;
  if (!identity) {
    note(world, round, "unverified", errorOf("denied"));
    return round.redirectUrl;
  }
  try {
    return proceed[round.kind](world, round, identity);
  } catch (error) {
    const [refused] = error instanceof Refusal ? error.errors : [];
    if (!refused) throw error;
    note(world, round, "failed", refused);
    return round.redirectUrl;
  }
}

function isSignedIn(world: World, { clientId, targetId }: Round): boolean {
  return liveSessions(world, clientId).some(({ userId }) => userId === targetId);
}

const proceed = {
  link(world: World, round: Round, identity: Identity): string {
    const user = world.state.users.get(round.targetId);
    if (user) connectAccount(world, user, identity);
    return round.redirectUrl;
  },

  sign_in(world: World, round: Round, identity: Identity): string {
    const signIn = world.state.signIns.get(round.targetId);
    if (!signIn?.verification) throw stale();
    const user = findByIdentity(world, identity);
    if (!user) {
      requireOpenDoor(world);
      world.rounds.note(round, identity);
      note(world, round, "transferable", errorOf("unknown"));
      return round.redirectUrl;
    }
    requireOpen(world, signIn, user);
    const linked = linkAccount(world, user, identity);
    const known = { ...signIn, userId: user.id, identifier: identity.emailAddress };
    const verification = { ...signIn.verification, status: "verified" as const };
    const done = completeSignIn(world, known, linked, verification);
    return done.status === "complete" ? round.completeUrl : round.redirectUrl;
  },

  sign_up(world: World, round: Round, identity: Identity): string {
    const signUp = world.state.signUps.get(round.targetId);
    if (!signUp?.externalVerification) throw stale();
    if (findByIdentity(world, identity)) {
      world.rounds.note(round, identity);
      note(world, round, "transferable", errorOf("known"));
      return round.redirectUrl;
    }
    const externalVerification = { ...signUp.externalVerification, status: "verified" as const };
    const done = completeSignUp(world, { ...signUp, externalVerification }, identity);
    return done.createdUserId ? round.completeUrl : round.redirectUrl;
  },
};

/** Says in what the round was for how it went; what is finished stays as it is. */
function note(
  world: World,
  round: Round,
  status: "unverified" | "transferable" | "failed",
  error: ClerkError,
): void {
  const { signIns, signUps, users } = world.state;
  const user = round.kind === "link" ? users.get(round.targetId) : undefined;
  if (user) noteRefusedLink(world, user, round.provider, error);
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

function errorOf(what: keyof typeof trouble): ClerkError {
  const [code, message] = trouble[what];
  return { code, message, long_message: message };
}
