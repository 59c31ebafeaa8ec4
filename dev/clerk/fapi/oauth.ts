// The built-in identity provider, and the way back from it. Whoever comes as whom is chosen on its page:
// it stands in for Google and Apple alike.

import { Hono } from "hono";
import { type Refusal, refusal } from "../errors";
import { linkAccount, noteRefusedLink } from "../external-accounts";
import { findByIdentity, type Identity, type Provider, providerNames, type Round } from "../oauth";
import type { VerificationRecord } from "../records";
import type { World } from "../world";
import { type Call, currentClient, type FapiEnv, withCookies } from "./call";
import { idpPage } from "./idp-page";
import { completeSignIn } from "./sign-in-completion";
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
  if (!round) throw stale();
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

/** Does what the coming back means, and says where to go on. */
function comeBack(world: World, round: Round, identity: Identity | null): string {
  if (round.kind === "link") {
    const user = world.state.users.get(round.targetId);
    if (user && identity) linkAccount(world, user, identity);
    if (user && !identity) noteRefusedLink(world, user, round.provider, errorOf("denied"));
    return round.redirectUrl;
  }
  if (round.kind === "sign_in") return backToSignIn(world, round, identity);
  return backToSignUp(world, round, identity);
}

function backToSignIn(world: World, round: Round, identity: Identity | null): string {
  const signIn = world.state.signIns.get(round.targetId);
  if (!signIn?.verification) throw stale();
  const keep = (verification: VerificationRecord) =>
    world.state.signIns.put({ ...signIn, verification });
  if (!identity) {
    keep(troubled(signIn.verification, "unverified", "denied"));
    return round.redirectUrl;
  }
  const user = findByIdentity(world, identity);
  if (!user) {
    world.rounds.note(round, identity);
    keep(troubled(signIn.verification, "transferable", "unknown"));
    return round.redirectUrl;
  }
  const linked = linkAccount(world, user, identity);
  const known = { ...signIn, userId: user.id, identifier: identity.emailAddress };
  const verification = { ...signIn.verification, status: "verified" as const };
  const done = completeSignIn(world, known, linked, verification);
  return done.status === "complete" ? round.completeUrl : round.redirectUrl;
}

function backToSignUp(world: World, round: Round, identity: Identity | null): string {
  const signUp = world.state.signUps.get(round.targetId);
  if (!signUp?.externalVerification) throw stale();
  const { externalVerification } = signUp;
  if (!identity) {
    const failed = troubled(externalVerification, "unverified", "denied");
    world.state.signUps.put({ ...signUp, externalVerification: failed });
    return round.redirectUrl;
  }
  if (findByIdentity(world, identity)) {
    world.rounds.note(round, identity);
    const failed = troubled(externalVerification, "transferable", "known");
    world.state.signUps.put({ ...signUp, externalVerification: failed });
    return round.redirectUrl;
  }
  const verification = { ...externalVerification, status: "verified" as const };
  const done = completeSignUp(world, { ...signUp, externalVerification: verification }, identity);
  return done.createdUserId ? round.completeUrl : round.redirectUrl;
}

function troubled(
  verification: VerificationRecord,
  status: "unverified" | "transferable",
  what: keyof typeof trouble,
): VerificationRecord {
  return { ...verification, status, error: errorOf(what) };
}

function errorOf(what: keyof typeof trouble) {
  const [code, message] = trouble[what];
  return { code, message, long_message: message };
}
