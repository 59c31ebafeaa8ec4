// People, for the app's server: found, counted, made, changed, banned, deleted.

import { Hono } from "hono";
import { z } from "zod";
import { createUser, mergeMetadata, updateUser } from "../accounts/users";
import { deleteUser } from "../authentication/delete-user";
import type { World } from "../context";
import { notFound } from "../errors";
import { enrolByAddress } from "../organizations/domains";
import { deletedJson, pageJson } from "../resources/lists";
import { membershipForServer } from "../resources/membership";
import { userForServer } from "../resources/user";
import { endSession, liveSessionsOfUser } from "../sessions/sessions";
import type { UserRecord } from "../store/records";
import { type BapiEnv, metadata, pageFields, readBody, readQuery, requireUser, word } from "./call";
import { userActionRoutes } from "./user-actions";
import { countUsers, filterFields, filters, listUsers } from "./user-filters";
import {
  changes,
  creation,
  newPasswordHash,
  newPerson,
  requireUnique,
  sharedPatch,
} from "./user-forms";

const listing = z.object({
  ...filterFields,
  ...pageFields,
  order_by: word,
  starting_after: word,
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
      starting_after: after,
      ...filter
    } = readQuery(call, listing);
    const page = listUsers(world, filter, { orderBy: order_by, offset, limit, after });
    return call.json(page.map((user) => userForServer(world, user)));
  });

  routes.get("/users/count", (call) =>
    call.json({ object: "total_count", total_count: countUsers(world, readQuery(call, filters)) }),
  );

  routes.post("/users", async (call) => {
    const given = readBody(call, creation);
    const person = newPerson(world, given);
    const passwordHash = await newPasswordHash(world, given);
    const user = world.state.change(() => {
      requireUnique(world, person);
      const patch = sharedPatch(world, given, passwordHash);
      const made = createUser(world, { ...patch, ...person });
      enrolByAddress(world, made);
      return made;
    });
    return call.json(userForServer(world, user));
  });

  routes.get("/users/:userId", (call) => call.json(userForServer(world, requireUser(world, call))));

  routes.patch("/users/:userId", async (call) => {
    const given = readBody(call, changes);
    requireUser(world, call);
    const passwordHash = await newPasswordHash(world, given);
    // While it was made, the person may have changed, or gone.
    const user = requireUser(world, call);
    const patch = sharedPatch(world, given, passwordHash, user);
    const { primary_email_address_id: emailId, primary_phone_number_id: phoneId } = given;
    if (emailId && !user.emails.some(({ id }) => id === emailId)) {
      throw notFound("email address", emailId);
    }
    if (phoneId && !user.phones.some(({ id }) => id === phoneId)) {
      throw notFound("phone number", phoneId);
    }
    const primaryEmailId = emailId ?? user.primaryEmailId;
    const primaryPhoneId = phoneId ?? user.primaryPhoneId;
    const updated = world.state.change(() => {
      if (given.password && given.sign_out_of_other_sessions) {
        for (const each of liveSessionsOfUser(world, user.id)) endSession(world, each, "revoked");
      }
      return updateUser(world, user, { ...patch, primaryEmailId, primaryPhoneId });
    });
    return call.json(userForServer(world, updated));
  });

  routes.on(["PATCH", "PUT"], "/users/:userId/metadata", (call) => {
    const user = requireUser(world, call);
    const given = readBody(call, metadataChanges);
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
