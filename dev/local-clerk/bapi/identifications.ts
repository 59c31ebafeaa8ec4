// E-mail addresses and phone numbers of people, for the app's server.

import { Hono } from "hono";
import { z } from "zod";
import { requireEmailAddress, requirePhoneNumber } from "../authentication/formats";
import {
  addEmail,
  addPhone,
  dropEmail,
  dropPhone,
  type Owned,
  ownerOfEmail,
  ownerOfPhone,
  putEmail,
  putPhone,
  replaceEmails,
  replacePhones,
} from "../authentication/identifications";
import type { World } from "../context";
import { notFound, paramInvalid } from "../errors";
import { deletedJson } from "../resources/lists";
import { primaryEmail } from "../resources/public-user";
import { emailJson, phoneJson } from "../resources/user";
import type { EmailRecord, PhoneRecord } from "../store/records";
import { verifiedWith } from "../store/verification-record";
import { sendMail } from "../webhooks/outbox";
import { type BapiEnv, type Call, readBody, requireUser } from "./call";

const emailForm = z.object({
  user_id: z.string(),
  email_address: z.string(),
  verified: z.boolean().nullish(),
  primary: z.boolean().nullish(),
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
  notify_primary_email_address_changed: z.boolean().nullish(),
});
const phoneReplacement = z.object({
  phone_number: z.string(),
  identification_status: identificationStatus,
});
const changes = z.object({ verified: z.boolean().nullish(), primary: z.boolean().nullish() });
const phoneChanges = changes.extend({ reserved_for_second_factor: z.boolean().nullish() });

export function identificationRoutes(world: World) {
  const routes = new Hono<BapiEnv>();

  routes.post("/email_addresses", (call) => {
    const given = readBody(call, emailForm);
    const user = world.state.users.get(given.user_id);
    if (!user) throw notFound("user", given.user_id);
    const verification = given.verified ? verifiedWith("admin") : null;
    const address = requireEmailAddress(given.email_address);
    const isPrimary = given.primary ?? false;
    const { item } = addEmail(world, user, address, verification, { isPrimary });
    return call.json(emailJson(world, item));
  });

  routes.get("/email_addresses/:id", (call) =>
    call.json(emailJson(world, requireEmail(world, call).item)),
  );

  routes.patch("/email_addresses/:id", (call) => {
    const { user, item } = requireEmail(world, call);
    const given = readBody(call, changes);
    const verification =
      given.verified === true
        ? verifiedWith("admin")
        : given.verified === false
          ? null
          : item.verification;
    const isPrimary = given.primary ?? false;
    const changed = putEmail(world, user, { ...item, verification }, { isPrimary });
    return call.json(emailJson(world, changed.item));
  });

  routes.delete("/email_addresses/:id", (call) => {
    const { user, item } = requireEmail(world, call);
    dropEmail(world, user, item);
    return call.json(deletedJson("email_address", item.id));
  });

  routes.put("/users/:userId/email_address", (call) => {
    const user = requireUser(world, call);
    const given = readBody(call, emailReplacement);
    const address = requireEmailAddress(given.email_address);
    const before = primaryEmail(user)?.address;
    const made = world.state.change(() => {
      const item = replaceEmails(world, user, address, given.identification_status);
      if (given.notify_primary_email_address_changed && before && before !== item.address) {
        sendMail(world, {
          to: before,
          slug: "primary_email_address_changed",
          subject: "Your primary email address has changed",
          text: `The primary email address of your account is now ${item.address}.`,
          userId: user.id,
        });
      }
      return item;
    });
    return call.json(emailJson(world, made));
  });

  return routes.route("/", phoneRoutes(world));
}

function phoneRoutes(world: World) {
  const routes = new Hono<BapiEnv>();

  routes.post("/phone_numbers", (call) => {
    const given = readBody(call, phoneForm);
    const user = world.state.users.get(given.user_id);
    if (!user) throw notFound("user", given.user_id);
    const number = requirePhoneNumber(given.phone_number);
    const isSecondFactor = given.reserved_for_second_factor ?? false;
    if (isSecondFactor && !given.verified) {
      const why = "A number that is reserved for the second factor must be verified.";
      throw paramInvalid("reserved_for_second_factor", why);
    }
    const verification = given.verified ? verifiedWith("admin") : null;
    const use = { isPrimary: given.primary ?? false, isSecondFactor };
    return call.json(phoneJson(world, addPhone(world, user, number, verification, use).item));
  });

  routes.get("/phone_numbers/:id", (call) =>
    call.json(phoneJson(world, requirePhone(world, call).item)),
  );

  routes.patch("/phone_numbers/:id", (call) => {
    const { user, item } = requirePhone(world, call);
    const given = readBody(call, phoneChanges);
    const wanted = {
      ...item,
      verification: given.verified === true ? verifiedWith("admin") : item.verification,
      isSecondFactor: given.reserved_for_second_factor ?? item.isSecondFactor,
    };
    const changed = putPhone(world, user, wanted, { isPrimary: given.primary ?? false });
    return call.json(phoneJson(world, changed.item));
  });

  routes.delete("/phone_numbers/:id", (call) => {
    const { user, item } = requirePhone(world, call);
    dropPhone(world, user, item);
    return call.json(deletedJson("phone_number", item.id));
  });

  routes.put("/users/:userId/phone_number", (call) => {
    const user = requireUser(world, call);
    const given = readBody(call, phoneReplacement);
    const number = requirePhoneNumber(given.phone_number);
    const made = replacePhones(world, user, number, given.identification_status);
    return call.json(phoneJson(world, made));
  });

  return routes;
}

function requireEmail(world: World, call: Call): Owned<EmailRecord> {
  const id = call.req.param("id") ?? "";
  const owned = ownerOfEmail(world, id);
  if (!owned) throw notFound("email address", id);
  return owned;
}

function requirePhone(world: World, call: Call): Owned<PhoneRecord> {
  const id = call.req.param("id") ?? "";
  const owned = ownerOfPhone(world, id);
  if (!owned) throw notFound("phone number", id);
  return owned;
}
