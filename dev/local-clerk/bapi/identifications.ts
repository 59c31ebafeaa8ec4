// The Backend API's operations on email addresses and phone numbers of users.

import { Hono } from "hono";
import { z } from "zod";
import { requireEmailAddress, requirePhoneNumber } from "../authentication/formats";
import {
  addEmail,
  addPhone,
  notifyPrimaryEmailChanged,
  type Owned,
  ownerOfEmail,
  ownerOfPhone,
  removeEmail,
  removePhone,
  replaceEmails,
  replacePhones,
  updateEmail,
  updatePhone,
} from "../authentication/identifications";
import type { ClerkContext } from "../context";
import { notFound, paramInvalid } from "../errors";
import { deletedJson } from "../resources/lists";
import { emailJson, phoneJson } from "../resources/user";
import type { EmailRecord, PhoneRecord } from "../store/records";
import { verifiedWith } from "../store/verification-record";
import { type BapiEnv, type Call, readBody, requireUser } from "./call";

const notification = { notify_primary_email_address_changed: z.boolean().nullish() };
const emailForm = z.object({
  user_id: z.string(),
  email_address: z.string(),
  verified: z.boolean().nullish(),
  primary: z.boolean().nullish(),
  ...notification,
});
const phoneForm = z.object({
  user_id: z.string(),
  phone_number: z.string(),
  verified: z.boolean().nullish(),
  primary: z.boolean().nullish(),
  reserved_for_second_factor: z.boolean().nullish(),
});
const identificationStatus = z.enum(["verified", "reserved", "unverified"]).default("verified");
const emailReplacement = z.object({
  email_address: z.string(),
  identification_status: identificationStatus,
  ...notification,
});
const phoneReplacement = z.object({
  phone_number: z.string(),
  identification_status: identificationStatus,
});
const changes = z.object({ verified: z.boolean().nullish(), primary: z.boolean().nullish() });
const emailChanges = changes.extend(notification);
const phoneChanges = changes.extend({ reserved_for_second_factor: z.boolean().nullish() });

export function identificationRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();

  routes.post("/email_addresses", (call) => {
    const given = readBody(call, emailForm);
    const user = context.state.users.get(given.user_id);
    if (!user) throw notFound("user", given.user_id);
    const verification = given.verified ? verifiedWith("admin") : null;
    const address = requireEmailAddress(given.email_address);
    const isPrimary = given.primary ?? false;
    const item = context.state.change(() => {
      const added = addEmail(context, user, address, verification, { isPrimary });
      if (given.notify_primary_email_address_changed) notifyPrimaryEmailChanged(context, user);
      return added.item;
    });
    return call.json(emailJson(context, item));
  });

  routes.get("/email_addresses/:id", (call) =>
    call.json(emailJson(context, requireEmail(context, call).item)),
  );

  routes.patch("/email_addresses/:id", (call) => {
    const { user, item } = requireEmail(context, call);
    const given = readBody(call, emailChanges);
    const verification =
      given.verified === true
        ? verifiedWith("admin")
        : given.verified === false
          ? null
          : item.verification;
    const isPrimary = given.primary ?? false;
    const changed = context.state.change(() => {
      const updated = updateEmail(context, user, { ...item, verification }, { isPrimary });
      if (given.notify_primary_email_address_changed) notifyPrimaryEmailChanged(context, user);
      return updated.item;
    });
    return call.json(emailJson(context, changed));
  });

  routes.delete("/email_addresses/:id", (call) => {
    const { user, item } = requireEmail(context, call);
    removeEmail(context, user, item);
    return call.json(deletedJson("email_address", item.id));
  });

  routes.put("/users/:userId/email_address", (call) => {
    const user = requireUser(context, call);
    const given = readBody(call, emailReplacement);
    const address = requireEmailAddress(given.email_address);
    const made = context.state.change(() => {
      const item = replaceEmails(context, user, address, given.identification_status);
      if (given.notify_primary_email_address_changed) notifyPrimaryEmailChanged(context, user);
      return item;
    });
    return call.json(emailJson(context, made));
  });

  return routes.route("/", phoneRoutes(context));
}

function phoneRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();

  routes.post("/phone_numbers", (call) => {
    const given = readBody(call, phoneForm);
    const user = context.state.users.get(given.user_id);
    if (!user) throw notFound("user", given.user_id);
    const number = requirePhoneNumber(given.phone_number);
    const isSecondFactor = given.reserved_for_second_factor ?? false;
    if (isSecondFactor && !given.verified) {
      const why = "A number that is reserved for the second factor must be verified.";
      throw paramInvalid("reserved_for_second_factor", why);
    }
    const verification = given.verified ? verifiedWith("admin") : null;
    const use = { isPrimary: given.primary ?? false, isSecondFactor };
    return call.json(phoneJson(context, addPhone(context, user, number, verification, use).item));
  });

  routes.get("/phone_numbers/:id", (call) =>
    call.json(phoneJson(context, requirePhone(context, call).item)),
  );

  routes.patch("/phone_numbers/:id", (call) => {
    const { user, item } = requirePhone(context, call);
    const given = readBody(call, phoneChanges);
    const replacement = {
      ...item,
      verification: given.verified === true ? verifiedWith("admin") : item.verification,
      isSecondFactor: given.reserved_for_second_factor ?? item.isSecondFactor,
    };
    const changed = updatePhone(context, user, replacement, { isPrimary: given.primary ?? false });
    return call.json(phoneJson(context, changed.item));
  });

  routes.delete("/phone_numbers/:id", (call) => {
    const { user, item } = requirePhone(context, call);
    removePhone(context, user, item);
    return call.json(deletedJson("phone_number", item.id));
  });

  routes.put("/users/:userId/phone_number", (call) => {
    const user = requireUser(context, call);
    const given = readBody(call, phoneReplacement);
    const number = requirePhoneNumber(given.phone_number);
    const made = replacePhones(context, user, number, given.identification_status);
    return call.json(phoneJson(context, made));
  });

  return routes;
}

function requireEmail(context: ClerkContext, call: Call): Owned<EmailRecord> {
  const id = call.req.param("id") ?? "";
  const owned = ownerOfEmail(context, id);
  if (!owned) throw notFound("email address", id);
  return owned;
}

function requirePhone(context: ClerkContext, call: Call): Owned<PhoneRecord> {
  const id = call.req.param("id") ?? "";
  const owned = ownerOfPhone(context, id);
  if (!owned) throw notFound("phone number", id);
  return owned;
}
