// The signed-in person's addresses, accounts elsewhere, second factors and picture.

import { Hono } from "hono";
import { z } from "zod";
import { keepImage, readUpload } from "../accounts/images";
import { updateUser, withoutFactors } from "../accounts/users";
import { unlinkAccount } from "../authentication/external-accounts";
import { requireEmailAddress } from "../authentication/formats";
import { addEmail, dropEmail, ownerOfEmail, putEmail } from "../authentication/identifications";
import { externalAccount, oauthVerification, providerOf } from "../authentication/oauth";
import { requireFreshProof } from "../authentication/reverification";
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
import type { World } from "../context";
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
import { emailJson, externalAccountJson, hasSecondFactor } from "../resources/user";
import { type Call, currentSession, currentUser, type FapiEnv, readForm, reply } from "./call";
import { text } from "./form";
import { requireOwnUrl } from "./own-url";

const linking = z.object({
  strategy: text,
  redirect_url: text,
  action_complete_redirect_url: text,
});

/** What nobody but the person may change, and not on a machine that they left open. */
const sensitivePaths = [
  "/me/email_addresses",
  "/me/email_addresses/:id",
  "/me/external_accounts",
  "/me/external_accounts/:id",
  "/me/totp",
  "/me/backup_codes",
];

export function meIdentificationRoutes(world: World) {
  const routes = new Hono<FapiEnv>();
  const base = "/me/email_addresses";

  for (const path of sensitivePaths) {
    routes.use(path, async (call, next) => {
      const isProof = /_verification$/.test(call.req.path);
      if (call.req.method !== "GET" && !isProof) {
        requireFreshProof(world, currentSession(world, call));
      }
      await next();
    });
  }

  routes.get(base, (call) => {
    const { emails } = currentUser(world, call);
    return call.json(emails.map((each) => emailJson(world, each)));
  });

  routes.post(base, (call) => {
    const user = currentUser(world, call);
    const { email_address: given } = readForm(call, z.object({ email_address: text }));
    if (!given) throw paramMissing("email_address");
    const { item } = addEmail(world, user, requireEmailAddress(given), null);
    return reply(world, call, emailJson(world, item));
  });

  routes.get(`${base}/:id`, (call) =>
    reply(world, call, emailJson(world, ownEmail(world, call).item)),
  );

  routes.post(`${base}/:id/prepare_verification`, (call) => {
    const { user, item } = ownEmail(world, call);
    const form = z.object({ strategy: text, redirect_url: text });
    const { strategy, redirect_url } = readForm(call, form);
    const known = emailStrategies(world).find((each) => each === strategy);
    if (!known) throw strategyInvalid();
    requireUnverified(item.verification);
    const to = { to: item.address, userId: user.id, identificationId: item.id };
    const back = known === "email_link" ? requireOwnUrl(world, redirect_url).href : "";
    const prepared = world.state.change(() => {
      const verification =
        known === "email_code"
          ? prepareCode(world, known, to)
          : prepareLink(world, to, { kind: "email", id: item.id }, back);
      return putEmail(world, user, { ...item, verification });
    });
    return reply(world, call, emailJson(world, prepared.item));
  });

  routes.post(`${base}/:id/attempt_verification`, (call) => {
    const { user, item } = ownEmail(world, call);
    const { code } = readForm(call, z.object({ code: text }));
    if (!code) throw paramMissing("code");
    const verification = attemptCode(world, item.verification, code, (kept) => {
      putEmail(world, user, { ...item, verification: kept });
    });
    const verified = putEmail(world, user, { ...item, verification });
    return reply(world, call, emailJson(world, verified.item));
  });

  routes.delete(`${base}/:id`, (call) => {
    const { user, item } = ownEmail(world, call);
    dropEmail(world, user, item);
    return reply(world, call, deletedJson("email_address", item.id));
  });

  routes.post("/me/profile_image", async (call) => {
    const upload = await readUpload(call.req.raw);
    const user = currentUser(world, call);
    const imageId = keepImage(world, upload);
    const updated = updateUser(world, user, { imageId });
    const name = { object: "image", id: imageId, name: "profile" };
    return reply(world, call, { ...name, public_url: userImageUrl(world, updated) });
  });

  routes.delete("/me/profile_image", (call) => {
    const user = currentUser(world, call);
    const { imageId } = user;
    if (!imageId) throw refusal(404, "image_not_found", "Image not found");
    updateUser(world, user, { imageId: null });
    return reply(world, call, deletedJson("image", imageId));
  });

  return routes.route("/", accountRoutes(world)).route("/", secondFactorRoutes(world));
}

function ownEmail(world: World, call: Call) {
  const user = currentUser(world, call);
  const id = call.req.param("id") ?? "";
  const owned = ownerOfEmail(world, id);
  if (owned?.user.id !== user.id) throw notFound("email address", id);
  return owned;
}

function accountRoutes(world: World) {
  const routes = new Hono<FapiEnv>();

  routes.post("/me/external_accounts", (call) => {
    const user = currentUser(world, call);
    const { clientId } = currentSession(world, call);
    const given = readForm(call, linking);
    const provider = providerOf(world, given.strategy);
    if (!provider) {
      throw notImplemented(`external accounts with ${given.strategy ?? "no strategy"}`);
    }
    const back = requireOwnUrl(world, given.redirect_url ?? world.appOrigin).href;
    const urls = { redirectUrl: back, completeUrl: back };
    const target = { kind: "link" as const, targetId: user.id, clientId, provider };
    const round = world.rounds.begin({ ...target, ...urls });
    const now = world.clock.now();
    const names = { provider, providerUserId: "", emailAddress: "", firstName: "", lastName: "" };
    // Nothing is linked before the person comes back: this only says where to go.
    const account = externalAccount(world, names, newId("eac", now), newId("idn", now));
    const pending = { ...account, verification: oauthVerification(world, round) };
    return reply(world, call, externalAccountJson(world, pending));
  });

  routes.delete("/me/external_accounts/:id", (call) => {
    const user = currentUser(world, call);
    const id = call.req.param("id");
    if (!user.externalAccounts.some((each) => each.id === id)) {
      throw notFound("external account", id);
    }
    unlinkAccount(world, user, id);
    return reply(world, call, deletedJson("external_account", id));
  });

  return routes;
}

function secondFactorRoutes(world: World) {
  const routes = new Hono<FapiEnv>();

  routes.post("/me/totp", (call) => {
    const user = currentUser(world, call);
    if (user.isTotpVerified) {
      const message = "TOTP is already enabled on your account";
      throw refusal(400, "totp_already_enabled", "TOTP already enabled", message);
    }
    const secret = newTotpSecret();
    updateUser(world, user, { totpSecret: secret, isTotpVerified: false });
    return reply(world, call, {
      ...totpJson(world, false),
      secret,
      uri: totpUri(world, user, secret),
    });
  });

  routes.post("/me/totp/attempt_verification", (call) => {
    const user = currentUser(world, call);
    const { code } = readForm(call, z.object({ code: text }));
    if (!code) throw paramMissing("code");
    if (!isTotpCode(world, user, code)) throw codeWrong();
    const backupCodes = user.backupCodes.length > 0 ? user.backupCodes : newBackupCodes();
    const mfaEnabledAt = user.mfaEnabledAt ?? world.clock.now();
    updateUser(world, user, { isTotpVerified: true, backupCodes, mfaEnabledAt });
    const secret = user.totpSecret ?? "";
    const totp = { ...totpJson(world, true), secret, uri: totpUri(world, user, secret) };
    return reply(world, call, { ...totp, backup_codes: backupCodes });
  });

  routes.delete("/me/totp", (call) => {
    const user = currentUser(world, call);
    const off = { totpSecret: null, isTotpVerified: false };
    updateUser(world, user, { ...off, ...withoutFactors({ ...user, ...off }) });
    return reply(world, call, deletedJson("totp", user.id));
  });

  routes.post("/me/backup_codes", (call) => {
    const user = currentUser(world, call);
    if (!hasSecondFactor(user)) {
      const message =
        "In order to use backup codes, you have to enable any other Multi-factor method";
      throw refusal(400, "backup_codes_not_available", "Backup codes not available", message);
    }
    const codes = newBackupCodes();
    updateUser(world, user, { backupCodes: codes });
    const now = world.clock.now();
    const id = newId("bkp", now);
    const stamps = { created_at: now, updated_at: now };
    return reply(world, call, { object: "backup_code", id, codes, ...stamps });
  });

  return routes;
}

function totpJson(world: World, isVerified: boolean) {
  const now = world.clock.now();
  const stamps = { created_at: now, updated_at: now };
  return { object: "totp", id: newId("totp", now), verified: isVerified, ...stamps };
}
