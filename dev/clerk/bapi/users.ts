// People, for the app's server: found, counted, made, changed, banned, deleted.

import { Hono } from "hono";
import { z } from "zod";
import { identifierTaken, paramMissing, refusal } from "../errors";
import { requireEmailAddress } from "../fapi/form";
import { checkPassword, hashPassword, verifyPassword } from "../passwords";
import { banUser, createUser, deleteUser, mergeMetadata, updateUser } from "../people";
import type { UserRecord } from "../records";
import { deletedJson, pageJson } from "../resources/lists";
import { membershipForServer } from "../resources/membership";
import { primaryEmail } from "../resources/public-user";
import { userForServer } from "../resources/user";
import { endSession, liveSessionsOfUser } from "../sessions";
import type { World } from "../world";
import {
  type BapiEnv,
  ids,
  metadata,
  pageFields,
  readBody,
  readQuery,
  requireUser,
  sorted,
  time,
  word,
} from "./call";

const filterFields = {
  email_address: ids,
  user_id: ids,
  username: ids,
  external_id: ids,
  organization_id: ids,
  query: word,
  banned: word,
  created_at_before: time,
  created_at_after: time,
};
const filters = z.object(filterFields);
const listing = z.object({ ...filterFields, ...pageFields, order_by: word });

const orders = {
  created_at: (user: UserRecord) => user.createdAt,
  updated_at: (user: UserRecord) => user.updatedAt,
  last_active_at: (user: UserRecord) => user.lastActiveAt ?? 0,
  last_sign_in_at: (user: UserRecord) => user.lastSignInAt ?? 0,
  first_name: (user: UserRecord) => user.firstName,
  last_name: (user: UserRecord) => user.lastName,
  username: (user: UserRecord) => user.username,
  email_address: (user: UserRecord) => primaryEmail(user)?.address ?? null,
};

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
  create_organization_enabled: z.boolean().nullish(),
};
const creation = z.object({
  ...shared,
  email_address: z.array(z.string()).nullish(),
  email_address_identification_status: z.array(z.enum(["verified", "reserved"])).nullish(),
  skip_password_requirement: z.boolean().nullish(),
  created_at: nullableText,
  banned: z.boolean().nullish(),
  locked: z.boolean().nullish(),
});
const changes = z.object({
  ...shared,
  primary_email_address_id: nullableText,
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
    const { limit, offset, order_by = "-created_at", ...filter } = readQuery(call, listing);
    const found = sorted(filtered(world, filter), order_by, orders);
    return call.json(found.slice(offset, offset + limit).map((user) => userForServer(world, user)));
  });

  routes.get("/users/count", (call) => {
    const total_count = filtered(world, readQuery(call, filters)).length;
    return call.json({ object: "total_count", total_count });
  });

  routes.post("/users", async (call) => {
    const given = await readBody(call, creation);
    const addresses = (given.email_address ?? []).map((each) => requireEmailAddress(each));
    for (const each of addresses) {
      if (world.state.usersByEmail.first(each))
        throw identifierTaken("email_address", "email address");
    }
    if (addresses.length === 0) throw paramMissing("email_address");
    const user = createUser(world, {
      ...(await sharedPatch(world, given)),
      firstName: given.first_name ?? null,
      lastName: given.last_name ?? null,
      emailAddresses: addresses,
      verifiedBy: "admin",
      isReserved: given.email_address_identification_status?.[0] === "reserved",
      ...(given.created_at ? { createdAt: Date.parse(given.created_at) } : {}),
      isBanned: given.banned ?? false,
      isLocked: given.locked ?? false,
    });
    return call.json(userForServer(world, user));
  });

  routes.get("/users/:userId", (call) => call.json(userForServer(world, requireUser(world, call))));

  routes.patch("/users/:userId", async (call) => {
    const user = requireUser(world, call);
    const given = await readBody(call, changes);
    const patch = await sharedPatch(world, given, user);
    const primaryEmailId = given.primary_email_address_id ?? user.primaryEmailId;
    if (given.password && given.sign_out_of_other_sessions) {
      for (const each of liveSessionsOfUser(world, user.id)) endSession(world, each, "revoked");
    }
    const updated = updateUser(world, user, { ...patch, primaryEmailId });
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

  const flags = {
    unban: { isBanned: false },
    lock: { isLocked: true },
    unlock: { isLocked: false },
  };
  for (const [action, patch] of Object.entries(flags)) {
    routes.post(`/users/:userId/${action}`, (call) =>
      call.json(userForServer(world, updateUser(world, requireUser(world, call), patch))),
    );
  }
  routes.post("/users/:userId/ban", (call) =>
    call.json(userForServer(world, banUser(world, requireUser(world, call)))),
  );

  routes.post("/users/:userId/verify_password", async (call) => {
    const user = requireUser(world, call);
    const { password } = await readBody(call, z.object({ password: z.string() }));
    if (!user.passwordHash) {
      throw refusal(400, "no_password_set", "user does not have a password set");
    }
    if (!(await verifyPassword(password, user.passwordHash))) {
      throw refusal(422, "incorrect_password", "is incorrect", "The password is incorrect", {
        param_name: "password",
      });
    }
    return call.json({ verified: true });
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

  return routes;
}

function filtered(world: World, filter: z.infer<typeof filters>): UserRecord[] {
  const emails =
    filter.email_address && new Set(filter.email_address.map((each) => each.toLowerCase()));
  const candidates = filter.user_id
    ? filter.user_id.flatMap((id) => world.state.users.get(id) ?? [])
    : [...world.state.users.all()];
  const query = filter.query?.toLowerCase();
  return candidates.filter(
    (user) =>
      (!emails || user.emails.some((email) => emails.has(email.address))) &&
      (!filter.username || filter.username.includes(user.username ?? "")) &&
      (!filter.external_id || filter.external_id.includes(user.externalId ?? "")) &&
      (!filter.organization_id || isMemberOfAny(world, user, filter.organization_id)) &&
      (filter.banned === undefined || String(user.isBanned) === filter.banned) &&
      user.createdAt < (filter.created_at_before ?? Number.POSITIVE_INFINITY) &&
      user.createdAt > (filter.created_at_after ?? 0) &&
      (!query || searchable(user).includes(query)),
  );
}

function isMemberOfAny(world: World, user: UserRecord, organizationIds: string[]): boolean {
  return world.state.membershipsByUser
    .all(user.id)
    .some((each) => organizationIds.includes(each.organizationId));
}

function searchable(user: UserRecord): string {
  const addresses = user.emails.map((email) => email.address);
  return [user.id, user.firstName, user.lastName, user.username, ...addresses]
    .join(" ")
    .toLowerCase();
}

/** What making and changing a person have in common; what is not given stays. */
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
    const taken = given.username && world.state.usersByUsername.first(given.username);
    if (taken && taken.id !== user?.id) throw identifierTaken("username", "username");
    patch.username = given.username;
  }
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
