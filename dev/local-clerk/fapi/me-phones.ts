// The signed-in user's phone numbers: adds, verifies and removes them, and makes them second factors.

import { Hono } from "hono";
import { z } from "zod";
import { mfaResetPatch, updateUser } from "../accounts/users";
import { requirePhoneNumber } from "../authentication/formats";
import {
  addPhone,
  ownerOfPhone,
  removePhone,
  updatePhone,
} from "../authentication/identifications";
import { requireRecentVerification } from "../authentication/reverification";
import { newBackupCodes } from "../authentication/second-factors";
import { attemptCode, prepareCode, requireUnverified } from "../authentication/verifications";
import type { ClerkContext } from "../context";
import { notFound, notImplemented, paramMissing, strategyInvalid } from "../errors";
import { deletedJson } from "../resources/lists";
import { phoneJson } from "../resources/user";
import type { PhoneRecord, UserRecord } from "../store/records";
import { type Call, currentSession, currentUser, type FapiEnv, readForm, reply } from "./call";
import { flag, text } from "./form";

const base = "/me/phone_numbers";

export function mePhoneRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  for (const path of [base, `${base}/*`]) {
    routes.use(path, async (call, next) => {
      if (context.settings.phone === "off") throw notImplemented("phone numbers, which are off,");
      const isProved = call.req.method === "GET" || call.req.path.endsWith("_verification");
      if (!isProved) requireRecentVerification(context, currentSession(context, call));
      await next();
    });
  }

  routes.get(base, (call) => {
    const { phones } = currentUser(context, call);
    return call.json(phones.map((each) => phoneJson(context, each)));
  });

  routes.post(base, (call) => {
    const user = currentUser(context, call);
    const form = z.object({ phone_number: text, reserved_for_second_factor: flag });
    const given = readForm(call, form);
    if (!given.phone_number) throw paramMissing("phone_number");
    const { item } = addPhone(context, user, requirePhoneNumber(given.phone_number), null);
    return reply(context, call, phoneJson(context, item));
  });

  routes.get(`${base}/:id`, (call) =>
    reply(context, call, phoneJson(context, ownPhone(context, call).item)),
  );

  routes.patch(`${base}/:id`, async (call) => {
    const { user, item } = ownPhone(context, call);
    const form = z.object({ reserved_for_second_factor: flag, default_second_factor: flag });
    const given = readForm(call, form);
    return reply(context, call, reserve(context, user, item, given));
  });

  routes.post(`${base}/:id/prepare_verification`, (call) => {
    const { user, item } = ownPhone(context, call);
    const { strategy = "phone_code" } = readForm(call, z.object({ strategy: text }));
    if (strategy !== "phone_code") throw strategyInvalid();
    requireUnverified(item.verification);
    const to = { to: item.number, userId: user.id, identificationId: item.id };
    const prepared = context.state.change(() => {
      const verification = prepareCode(context, "phone_code", to);
      return updatePhone(context, user, { ...item, verification });
    });
    return reply(context, call, phoneJson(context, prepared.item));
  });

  routes.post(`${base}/:id/attempt_verification`, (call) => {
    const { user, item } = ownPhone(context, call);
    const { code } = readForm(call, z.object({ code: text }));
    if (!code) throw paramMissing("code");
    const verification = attemptCode(context, item.verification, code, (kept) => {
      updatePhone(context, user, { ...item, verification: kept });
    });
    const verified = updatePhone(context, user, { ...item, verification });
    return reply(context, call, phoneJson(context, verified.item));
  });

  routes.delete(`${base}/:id`, (call) => {
    const { user, item } = ownPhone(context, call);
    removePhone(context, user, item);
    return reply(context, call, deletedJson("phone_number", item.id));
  });

  return routes;
}

type Reservation = { reserved_for_second_factor?: boolean; default_second_factor?: boolean };

/**
 * Changes whether a phone number is a second factor, and whether it is the default one. At most one number is the default. If the
 * user has no backup codes, a new second factor creates them. The codes are returned only once.
 */
function reserve(context: ClerkContext, user: UserRecord, item: PhoneRecord, given: Reservation) {
  if (item.verification?.status !== "verified") throw strategyInvalid();
  const isSecondFactor = given.reserved_for_second_factor ?? item.isSecondFactor;
  const isDefaultSecondFactor =
    isSecondFactor && (given.default_second_factor ?? item.isDefaultSecondFactor);
  const others = user.phones.map((each) => ({ ...each, isDefaultSecondFactor: false }));
  const before = isDefaultSecondFactor ? { ...user, phones: others } : user;
  const changed = updatePhone(context, before, { ...item, isSecondFactor, isDefaultSecondFactor });
  const needsCodes = isSecondFactor && user.backupCodes.length === 0;
  const codes = needsCodes ? newBackupCodes() : null;
  if (codes) {
    const mfaEnabledAt = user.mfaEnabledAt ?? context.clock.now();
    updateUser(context, changed.user, { backupCodes: codes, mfaEnabledAt });
  } else if (!isSecondFactor) {
    updateUser(context, changed.user, mfaResetPatch(changed.user));
  }
  return { ...phoneJson(context, changed.item), backup_codes: codes };
}

function ownPhone(context: ClerkContext, call: Call) {
  const user = currentUser(context, call);
  const id = call.req.param("id") ?? "";
  const owned = ownerOfPhone(context, id);
  if (owned?.user.id !== user.id) throw notFound("phone number", id);
  return owned;
}
