// The Backend API's operations on users: list, count, create, update, ban, delete.

import { Hono } from "hono";
import { z } from "zod";
import { createUser, mergeMetadata, updateUser } from "../accounts/users";
import { deleteUser } from "../authentication/delete-user";
import { notifyPrimaryEmailChanged } from "../authentication/identifications";
import type { ClerkContext } from "../context";
import { notFound } from "../errors";
import { enrollByVerifiedEmail } from "../organizations/domains";
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

export function userRoutes(context: ClerkContext) {
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
    const page = listUsers(context, filter, { orderBy: order_by, offset, limit, after });
    return call.json(page.map((user) => userForServer(context, user)));
  });

  routes.get("/users/count", (call) =>
    call.json({
      object: "total_count",
      total_count: countUsers(context, readQuery(call, filters)),
    }),
  );

  routes.post("/users", async (call) => {
    const given = readBody(call, creation);
    const person = newPerson(context, given);
    const passwordHash = await newPasswordHash(context, given);
    const user = context.state.change(() => {
      requireUnique(context, person);
      const patch = sharedPatch(context, given, passwordHash);
      const made = createUser(context, { ...patch, ...person });
      enrollByVerifiedEmail(context, made);
      return made;
    });
    return call.json(userForServer(context, user));
  });

  routes.get("/users/:userId", (call) =>
    call.json(userForServer(context, requireUser(context, call))),
  );

  routes.patch("/users/:userId", async (call) => {
    const given = readBody(call, changes);
    requireUser(context, call);
    const passwordHash = await newPasswordHash(context, given);
    // Re-reads the user: another call may have changed or deleted them while the password was hashed.
    const user = requireUser(context, call);
    const patch = sharedPatch(context, given, passwordHash, user);
    const { primary_email_address_id: emailId, primary_phone_number_id: phoneId } = given;
    if (emailId && !user.emails.some(({ id }) => id === emailId)) {
      throw notFound("email address", emailId);
    }
    if (phoneId && !user.phones.some(({ id }) => id === phoneId)) {
      throw notFound("phone number", phoneId);
    }
    const primaryEmailId = emailId ?? user.primaryEmailId;
    const primaryPhoneId = phoneId ?? user.primaryPhoneId;
    const updated = context.state.change(() => {
      if (given.password && given.sign_out_of_other_sessions) {
        for (const each of liveSessionsOfUser(context, user.id))
          endSession(context, each, "revoked");
      }
      const changed = updateUser(context, user, { ...patch, primaryEmailId, primaryPhoneId });
      if (given.notify_primary_email_address_changed) notifyPrimaryEmailChanged(context, user);
      return changed;
    });
    return call.json(userForServer(context, updated));
  });

  routes.on(["PATCH", "PUT"], "/users/:userId/metadata", (call) => {
    const user = requireUser(context, call);
    const given = readBody(call, metadataChanges);
    const merge =
      call.req.method === "PATCH"
        ? mergeMetadata
        : (_: unknown, next: UserRecord["publicMetadata"]) => next;
    const updated = updateUser(context, user, {
      publicMetadata: merge(user.publicMetadata, given.public_metadata ?? user.publicMetadata),
      privateMetadata: merge(user.privateMetadata, given.private_metadata ?? user.privateMetadata),
      unsafeMetadata: merge(user.unsafeMetadata, given.unsafe_metadata ?? user.unsafeMetadata),
    });
    return call.json(userForServer(context, updated));
  });

  routes.delete("/users/:userId", (call) => {
    const user = requireUser(context, call);
    deleteUser(context, user);
    return call.json(deletedJson("user", user.id));
  });

  routes.get("/users/:userId/organization_memberships", (call) => {
    const { limit, offset } = readQuery(call, z.object(pageFields));
    const found = context.state.membershipsByUser.all(requireUser(context, call).id).reverse();
    const page = found.slice(offset, offset + limit);
    return call.json(
      pageJson(
        page.map((each) => membershipForServer(context, each)),
        found.length,
      ),
    );
  });

  return routes.route("/", userActionRoutes(context));
}
