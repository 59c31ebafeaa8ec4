// People, for the app's server: found, counted, made, changed, banned, deleted.

import { Hono } from "hono";
import { z } from "zod";
import { enrolByAddress } from "../domains";
import { notFound, paramMissing } from "../errors";
import { requireEmailAddress, requirePhoneNumber } from "../fapi/form";
import { newPhone, requireFreeAddress, requireFreeNumber } from "../identifications";
import { checkPassword, hashPassword } from "../passwords";
import { createUser, deleteUser, mergeMetadata, updateUser } from "../people";
import type { UserRecord } from "../records";
import { deletedJson, pageJson } from "../resources/lists";
import { membershipForServer } from "../resources/membership";
import { userForServer } from "../resources/user";
import { endSession, liveSessionsOfUser } from "../sessions";
import { requireUsername } from "../usernames";
import { verifiedWith } from "../verifications";
import type { World } from "../world";
import {
  type BapiEnv,
  dateTime,
  metadata,
  pageFields,
  readBody,
  readQuery,
  requireUser,
  word,
} from "./call";
import { userActionRoutes } from "./user-actions";
import { countUsers, filterFields, filters, listUsers } from "./user-filters";

const listing = z.object({ ...filterFields, ...pageFields, order_by: word });

const nullableText = z.string().nullish();
const shared = {
  external_id: nullableText,
  first_name: nullableText,
  last_name: nullableText,
  username: nullableText,
  password: nullableText,
  skip_password_checks: z.boolean().nullish(),
  public_metadata: metadata.nullish(),
  private_metadata: metadata.nullish(),
  unsafe_metadata: metadata.nullish(),
  delete_self_enabled: z.boolean().nullish(),
  locale: nullableText,
  created_at: dateTime,
  legal_accepted_at: dateTime,
  skip_legal_checks: z.boolean().nullish(),
  create_organization_enabled: z.boolean().nullish(),
};
const creation = z.object({
  ...shared,
  email_address: z.array(z.string()).nullish(),
  email_address_identification_status: z.array(z.enum(["verified", "reserved"])).nullish(),
  phone_number: z.array(z.string()).nullish(),
  skip_password_requirement: z.boolean().nullish(),
  banned: z.boolean().nullish(),
  locked: z.boolean().nullish(),
});
const changes = z.object({
  ...shared,
  primary_email_address_id: nullableText,
  primary_phone_number_id: nullableText,
  sign_out_of_other_sessions: z.boolean().nullish(),
});
const metadataChanges = z.object({
  public_metadata: metadata.optional(),
  private_metadata: metadata.optional(),
  unsafe_metadata: metadata.optional(),
});

export function userRoutes(world: World) {
  const routes = new Hono<BapiEnv>();

  routes.get("/users", (call) => {
    const {
      limit,
      offset,
      paginated: _,
      order_by = "-created_at",
      ...filter
    } = readQuery(call, listing);
    const page = listUsers(world, filter, { orderBy: order_by, offset, limit });
    return call.json(page.map((user) => userForServer(world, user)));
  });

  routes.get("/users/count", (call) =>
    call.json({ object: "total_count", total_count: countUsers(world, readQuery(call, filters)) }),
  );

  routes.post("/users", async (call) => {
    const given = await readBody(call, creation);
    const addresses = (given.email_address ?? []).map((each) => requireEmailAddress(each));
    for (const each of addresses) requireFreeAddress(world, each);
    const numbers = (given.phone_number ?? []).map((each) => requirePhoneNumber(each));
    for (const each of numbers) requireFreeNumber(world, each);
    if (addresses.length + numbers.length === 0 && !given.username) {
      throw paramMissing("email_address");
    }
    const user = createUser(world, {
      ...(await sharedPatch(world, given)),
      firstName: given.first_name ?? null,
      lastName: given.last_name ?? null,
      emailAddresses: addresses,
      verifiedBy: "admin",
      isReserved: given.email_address_identification_status?.[0] === "reserved",
      phones: numbers.map((each) => newPhone(world, each, verifiedWith("admin"))),
      isBanned: given.banned ?? false,
      isLocked: given.locked ?? false,
    });
    enrolByAddress(world, user);
    return call.json(userForServer(world, user));
  });

  routes.get("/users/:userId", (call) => call.json(userForServer(world, requireUser(world, call))));

  routes.patch("/users/:userId", async (call) => {
    const user = requireUser(world, call);
    const given = await readBody(call, changes);
    const patch = await sharedPatch(world, given, user);
    const { primary_email_address_id: emailId, primary_phone_number_id: phoneId } = given;
    if (emailId && !user.emails.some(({ id }) => id === emailId)) {
      throw notFound("email address", emailId);
    }
    if (phoneId && !user.phones.some(({ id }) => id === phoneId)) {
      throw notFound("phone number", phoneId);
    }
    const primaryEmailId = emailId ?? user.primaryEmailId;
    const primaryPhoneId = phoneId ?? user.primaryPhoneId;
    if (given.password && given.sign_out_of_other_sessions) {
      for (const each of liveSessionsOfUser(world, user.id)) endSession(world, each, "revoked");
    }
    const updated = updateUser(world, user, { ...patch, primaryEmailId, primaryPhoneId });
    return call.json(userForServer(world, updated));
  });

  routes.on(["PATCH", "PUT"], "/users/:userId/metadata", async (call) => {
    const user = requireUser(world, call);
    const given = await readBody(call, metadataChanges);
    const merge =
      call.req.method === "PATCH"
        ? mergeMetadata
        : (_: unknown, next: UserRecord["publicMetadata"]) => next;
    const updated = updateUser(world, user, {
      publicMetadata: merge(user.publicMetadata, given.public_metadata ?? user.publicMetadata),
      privateMetadata: merge(user.privateMetadata, given.private_metadata ?? user.privateMetadata),
      unsafeMetadata: merge(user.unsafeMetadata, given.unsafe_metadata ?? user.unsafeMetadata),
    });
    return call.json(userForServer(world, updated));
  });

  routes.delete("/users/:userId", (call) => {
    const user = requireUser(world, call);
    deleteUser(world, user);
    return call.json(deletedJson("user", user.id));
  });

  routes.get("/users/:userId/organization_memberships", (call) => {
    const { limit, offset } = readQuery(call, z.object(pageFields));
    const found = world.state.membershipsByUser.all(requireUser(world, call).id).reverse();
    const page = found.slice(offset, offset + limit);
    return call.json(
      pageJson(
        page.map((each) => membershipForServer(world, each)),
        found.length,
      ),
    );
  });

  return routes.route("/", userActionRoutes(world));
}

async function sharedPatch(
  world: World,
  given: z.infer<z.ZodObject<typeof shared>>,
  user?: UserRecord,
): Promise<Partial<UserRecord>> {
  const patch: Partial<UserRecord> = {};
  if (given.first_name !== undefined) patch.firstName = given.first_name;
  if (given.last_name !== undefined) patch.lastName = given.last_name;
  if (given.external_id !== undefined) patch.externalId = given.external_id;
  if (given.username !== undefined) {
    patch.username = given.username && requireUsername(world, given.username, user);
  }
  if (given.locale !== undefined) patch.locale = given.locale;
  if (given.created_at) patch.createdAt = given.created_at;
  if (given.legal_accepted_at) patch.legalAcceptedAt = given.legal_accepted_at;
  if (given.public_metadata) patch.publicMetadata = given.public_metadata;
  if (given.private_metadata) patch.privateMetadata = given.private_metadata;
  if (given.unsafe_metadata) patch.unsafeMetadata = given.unsafe_metadata;
  if (typeof given.delete_self_enabled === "boolean") {
    patch.deleteSelfEnabled = given.delete_self_enabled;
  }
  if (typeof given.create_organization_enabled === "boolean") {
    patch.createOrganizationEnabled = given.create_organization_enabled;
  }
  if (given.password) {
    if (!given.skip_password_checks) checkPassword(world.settings, given.password);
    patch.passwordHash = await hashPassword(given.password);
    patch.passwordUpdatedAt = world.clock.now();
  }
  return patch;
}
