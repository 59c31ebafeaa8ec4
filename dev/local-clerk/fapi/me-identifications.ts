// The signed-in user's email addresses, connected accounts, second factors and image.

import { Hono } from "hono";
import { z } from "zod";
import { readUpload, storeImage } from "../accounts/images";
import { mfaResetPatch, updateUser } from "../accounts/users";
import { unlinkAccount } from "../authentication/external-accounts";
import { requireEmailAddress } from "../authentication/formats";
import {
  addEmail,
  ownerOfEmail,
  removeEmail,
  updateEmail,
} from "../authentication/identifications";
import { externalAccount, oauthVerification, providerOf } from "../authentication/oauth";
import { requireRecentVerification } from "../authentication/reverification";
import {
  isTotpCode,
  newBackupCodes,
  newTotpSecret,
  totpUri,
} from "../authentication/second-factors";
import {
  attemptCode,
  prepareCode,
  prepareLink,
  requireUnverified,
} from "../authentication/verifications";
import type { ClerkContext } from "../context";
import {
  codeWrong,
  notFound,
  notImplemented,
  paramMissing,
  refusal,
  strategyInvalid,
} from "../errors";
import { newId } from "../ids";
import { emailStrategies } from "../resources/factors";
import { deletedJson } from "../resources/lists";
import { userImageUrl } from "../resources/public-user";
import { emailJson, externalAccountJson, hasSecondFactor, userForClient } from "../resources/user";
import type { UserRecord, VerificationRecord } from "../store/records";
import { type Call, currentSession, currentUser, type FapiEnv, readForm, reply } from "./call";
import { text } from "./form";
import { requireOwnUrl } from "./own-url";

const linking = z.object({
  strategy: text,
  redirect_url: text,
  action_complete_redirect_url: text,
});

/** Paths that require reverification, so that access to an unattended browser is not enough. */
const sensitivePaths = [
  "/me/email_addresses",
  "/me/email_addresses/:id",
  "/me/external_accounts",
  "/me/external_accounts/:id",
  "/me/totp",
  "/me/backup_codes",
];

export function meIdentificationRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();
  const base = "/me/email_addresses";

  for (const path of sensitivePaths) {
    routes.use(path, async (call, next) => {
      const isProof = /_verification$/.test(call.req.path);
      if (call.req.method !== "GET" && !isProof) {
        requireRecentVerification(context, currentSession(context, call));
      }
      await next();
    });
  }

  routes.get(base, (call) => {
    const { emails } = currentUser(context, call);
    return call.json(emails.map((each) => emailJson(context, each)));
  });

  routes.post(base, (call) => {
    const user = currentUser(context, call);
    const { email_address: given } = readForm(call, z.object({ email_address: text }));
    if (!given) throw paramMissing("email_address");
    const { item } = addEmail(context, user, requireEmailAddress(given), null);
    return reply(context, call, emailJson(context, item));
  });

  routes.get(`${base}/:id`, (call) =>
    reply(context, call, emailJson(context, ownEmail(context, call).item)),
  );

  routes.post(`${base}/:id/prepare_verification`, (call) => {
    const { user, item } = ownEmail(context, call);
    const form = z.object({ strategy: text, redirect_url: text });
    const { strategy, redirect_url } = readForm(call, form);
    const known = emailStrategies(context).find((each) => each === strategy);
    if (!known) throw strategyInvalid();
    requireUnverified(item.verification);
    const to = { to: item.address, userId: user.id, identificationId: item.id };
    const back = known === "email_link" ? requireOwnUrl(context, redirect_url).href : "";
    const prepared = context.state.change(() => {
      const verification =
        known === "email_code"
          ? prepareCode(context, known, to)
          : prepareLink(context, to, { kind: "email", id: item.id }, back);
      return updateEmail(context, user, { ...item, verification });
    });
    return reply(context, call, emailJson(context, prepared.item));
  });

  routes.post(`${base}/:id/attempt_verification`, (call) => {
    const { user, item } = ownEmail(context, call);
    const { code } = readForm(call, z.object({ code: text }));
    if (!code) throw paramMissing("code");
    const verification = attemptCode(context, item.verification, code, (kept) => {
      updateEmail(context, user, { ...item, verification: kept });
    });
    const verified = updateEmail(context, user, { ...item, verification });
    return reply(context, call, emailJson(context, verified.item));
  });

  routes.delete(`${base}/:id`, (call) => {
    const { user, item } = ownEmail(context, call);
    removeEmail(context, user, item);
    return reply(context, call, deletedJson("email_address", item.id));
  });

  routes.post("/me/profile_image", async (call) => {
    const upload = await readUpload(call.req.raw);
    const user = currentUser(context, call);
    const imageId = storeImage(context, upload);
    const updated = updateUser(context, user, { imageId });
    const name = { object: "image", id: imageId, name: "profile" };
    return reply(context, call, { ...name, public_url: userImageUrl(context, updated) });
  });

  routes.delete("/me/profile_image", (call) => {
    const user = currentUser(context, call);
    const { imageId } = user;
    if (!imageId) throw refusal(404, "image_not_found", "Image not found");
    updateUser(context, user, { imageId: null });
    return reply(context, call, deletedJson("image", imageId));
  });

  return routes.route("/", accountRoutes(context)).route("/", secondFactorRoutes(context));
}

function ownEmail(context: ClerkContext, call: Call) {
  const user = currentUser(context, call);
  const id = call.req.param("id") ?? "";
  const owned = ownerOfEmail(context, id);
  if (owned?.user.id !== user.id) throw notFound("email address", id);
  return owned;
}

function accountRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.post("/me/external_accounts", (call) => {
    const user = currentUser(context, call);
    const { clientId } = currentSession(context, call);
    const given = readForm(call, linking);
    const provider = providerOf(context, given.strategy);
    if (!provider) {
      throw notImplemented(`external accounts with ${given.strategy ?? "no strategy"}`);
    }
    const verification = startLinking(context, { user, clientId, provider }, given.redirect_url);
    const now = context.clock.now();
    const names = { provider, providerUserId: "", emailAddress: "", firstName: "", lastName: "" };
    const account = externalAccount(context, names, newId("eac", now), newId("idn", now));
    return reply(context, call, externalAccountJson(context, { ...account, verification }));
  });

  routes.patch("/me/external_accounts/:id/reauthorize", (call) => {
    const { user, account } = ownAccount(context, call);
    const { clientId } = currentSession(context, call);
    const { redirect_url: back } = readForm(call, linking);
    if (!back) throw paramMissing("redirect_url");
    const { provider } = account;
    const verification = startLinking(context, { user, clientId, provider }, back);
    return reply(context, call, externalAccountJson(context, { ...account, verification }));
  });

  // The built-in provider stores no tokens, so there is nothing to revoke.
  routes.delete("/me/external_accounts/:id/tokens", (call) =>
    reply(context, call, userForClient(context, ownAccount(context, call).user)),
  );

  routes.delete("/me/external_accounts/:id", (call) => {
    const { user, account } = ownAccount(context, call);
    unlinkAccount(context, user, account.id);
    return reply(context, call, deletedJson("external_account", account.id));
  });

  return routes;
}

function ownAccount(context: ClerkContext, call: Call) {
  const user = currentUser(context, call);
  const id = call.req.param("id") ?? "";
  const account = user.externalAccounts.find((each) => each.id === id);
  if (!account) throw notFound("external account", id);
  return { user, account };
}

/** Starts to connect an account: returns a verification with the provider's URL. Nothing is stored before the user returns. */
function startLinking(
  context: ClerkContext,
  given: { user: UserRecord; clientId: string; provider: string },
  redirectUrl = context.appOrigin,
): VerificationRecord {
  const back = requireOwnUrl(context, redirectUrl).href;
  const { user, clientId, provider } = given;
  const target = { kind: "link" as const, targetId: user.id, clientId, provider };
  const round = context.rounds.begin({ ...target, redirectUrl: back, completeUrl: back });
  return oauthVerification(context, round);
}

function secondFactorRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.post("/me/totp", (call) => {
    const user = currentUser(context, call);
    if (user.isTotpVerified) {
      const message = "TOTP is already enabled on your account";
      throw refusal(400, "totp_already_enabled", "TOTP already enabled", message);
    }
    const secret = newTotpSecret();
    updateUser(context, user, { totpSecret: secret, isTotpVerified: false });
    return reply(context, call, {
      ...totpJson(context, false),
      secret,
      uri: totpUri(context, user, secret),
    });
  });

  routes.post("/me/totp/attempt_verification", (call) => {
    const user = currentUser(context, call);
    const { code } = readForm(call, z.object({ code: text }));
    if (!code) throw paramMissing("code");
    if (!isTotpCode(context, user, code)) throw codeWrong();
    const backupCodes = user.backupCodes.length > 0 ? user.backupCodes : newBackupCodes();
    const mfaEnabledAt = user.mfaEnabledAt ?? context.clock.now();
    updateUser(context, user, { isTotpVerified: true, backupCodes, mfaEnabledAt });
    const secret = user.totpSecret ?? "";
    const totp = { ...totpJson(context, true), secret, uri: totpUri(context, user, secret) };
    return reply(context, call, { ...totp, backup_codes: backupCodes });
  });

  routes.delete("/me/totp", (call) => {
    const user = currentUser(context, call);
    const off = { totpSecret: null, isTotpVerified: false };
    updateUser(context, user, { ...off, ...mfaResetPatch({ ...user, ...off }) });
    return reply(context, call, deletedJson("totp", user.id));
  });

  routes.post("/me/backup_codes", (call) => {
    const user = currentUser(context, call);
    if (!hasSecondFactor(user)) {
      const message =
        "In order to use backup codes, you have to enable any other Multi-factor method";
      throw refusal(400, "backup_codes_not_available", "Backup codes not available", message);
    }
    const codes = newBackupCodes();
    updateUser(context, user, { backupCodes: codes });
    const now = context.clock.now();
    const id = newId("bkp", now);
    const stamps = { created_at: now, updated_at: now };
    return reply(context, call, { object: "backup_code", id, codes, ...stamps });
  });

  return routes;
}

function totpJson(context: ClerkContext, isVerified: boolean) {
  const now = context.clock.now();
  const stamps = { created_at: now, updated_at: now };
  return { object: "totp", id: newId("totp", now), verified: isVerified, ...stamps };
}
