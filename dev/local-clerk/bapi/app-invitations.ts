// Invitations to the application and the waiting list, for the app's server.

import { Hono } from "hono";
import { z } from "zod";
import {
  invitationStatus,
  inviteFromWaitlist,
  inviteToApp,
  joinWaitlist,
  revokeAppInvitation,
  updateEntry,
} from "../accounts/app-invitations";
import { requireEmailAddress } from "../authentication/formats";
import type { World } from "../context";
import { notFound } from "../errors";
import { appInvitationJson, waitlistEntryJson } from "../resources/app-invitation";
import { deletedJson, pageJson } from "../resources/lists";
import {
  type BapiEnv,
  type Call,
  metadata,
  nothing,
  pageFields,
  readBody,
  readQuery,
  sorted,
  word,
} from "./call";

const creation = z.object({
  email_address: z.string(),
  public_metadata: metadata.nullish(),
  redirect_url: z.url().nullish(),
  notify: z.boolean().nullish(),
  ignore_existing: z.boolean().nullish(),
  expires_in_days: z.number().int().min(1).max(365).nullish(),
  template_slug: z.enum(["invitation", "waitlist_invitation"]).nullish(),
});
const listing = z.object({ ...pageFields, status: word, query: word, order_by: word });

function wanted(given: z.infer<typeof creation>) {
  return {
    emailAddress: requireEmailAddress(given.email_address),
    publicMetadata: given.public_metadata ?? {},
    redirectUrl: given.redirect_url ?? null,
    expiresInDays: given.expires_in_days ?? 30,
    isNotified: given.notify ?? true,
    ignoresExisting: given.ignore_existing ?? false,
    templateSlug: given.template_slug ?? "invitation",
  };
}

export function appInvitationRoutes(world: World) {
  const routes = new Hono<BapiEnv>();

  routes.post("/invitations", (call) => {
    const invitation = inviteToApp(world, wanted(readBody(call, creation)));
    return call.json(appInvitationJson(world, invitation));
  });

  routes.post("/invitations/bulk", (call) => {
    const given = readBody(call, z.array(creation).min(1).max(10));
    const made = world.state.change(() => given.map((each) => inviteToApp(world, wanted(each))));
    return call.json(made.map((each) => appInvitationJson(world, each)));
  });

  routes.get("/invitations", (call) => {
    const {
      limit,
      offset,
      paginated,
      order_by = "-created_at",
      ...filter
    } = readQuery(call, listing);
    const found = [...world.state.appInvitations.all()].filter(
      (each) =>
        (!filter.status || invitationStatus(world, each) === filter.status) &&
        (!filter.query ||
          [each.id, each.emailAddress]
            .join(" ")
            .toLowerCase()
            .includes(filter.query.toLowerCase())),
    );
    const ordered = sorted(found, order_by, {
      created_at: (each) => each.createdAt,
      email_address: (each) => each.emailAddress,
      expires_at: (each) => each.expiresAt,
    });
    const page = ordered
      .slice(offset, offset + limit)
      .map((each) => appInvitationJson(world, each));
    return call.json(paginated === "true" ? pageJson(page, found.length) : page);
  });

  routes.post("/invitations/:id/revoke", (call) => {
    readBody(call, nothing);
    const { id } = call.req.param();
    const invitation = world.state.appInvitations.get(id);
    if (!invitation) throw notFound("invitation", id);
    return call.json(appInvitationJson(world, revokeAppInvitation(world, invitation)));
  });

  return routes.route("/", waitlistRoutes(world));
}

function waitlistRoutes(world: World) {
  const routes = new Hono<BapiEnv>();
  const entry = z.object({ email_address: z.string(), notify: z.boolean().nullish() });
  const join = ({ email_address, notify }: z.infer<typeof entry>) =>
    joinWaitlist(world, requireEmailAddress(email_address), { isNotified: notify ?? true });

  routes.get("/waitlist_entries", (call) => {
    const { limit, offset, order_by = "-created_at", ...filter } = readQuery(call, listing);
    const found = [...world.state.waitlist.all()].filter(
      (each) =>
        (!filter.status || each.status === filter.status) &&
        (!filter.query ||
          [each.id, each.emailAddress]
            .join(" ")
            .toLowerCase()
            .includes(filter.query.toLowerCase())),
    );
    const ordered = sorted(found, order_by, {
      created_at: (each) => each.createdAt,
      email_address: (each) => each.emailAddress,
      invited_at: (each) => (each.invitationId ? each.updatedAt : 0),
    });
    const page = ordered
      .slice(offset, offset + limit)
      .map((each) => waitlistEntryJson(world, each));
    return call.json(pageJson(page, found.length));
  });

  routes.post("/waitlist_entries", (call) =>
    call.json(waitlistEntryJson(world, join(readBody(call, entry)))),
  );

  routes.post("/waitlist_entries/bulk", (call) => {
    const given = readBody(call, z.array(entry).min(1).max(50));
    const made = world.state.change(() => given.map(join));
    return call.json(made.map((each) => waitlistEntryJson(world, each)));
  });

  routes.post("/waitlist_entries/:id/invite", (call) => {
    const waiting = find(world, call);
    const given = readBody(call, z.object({ ignore_existing: z.boolean().nullish() }));
    const ignoresExisting = given.ignore_existing ?? false;
    return call.json(
      waitlistEntryJson(world, inviteFromWaitlist(world, waiting, { ignoresExisting })),
    );
  });

  routes.post("/waitlist_entries/:id/reject", (call) => {
    readBody(call, nothing);
    const rejected = updateEntry(world, find(world, call), { status: "rejected" });
    return call.json(waitlistEntryJson(world, rejected));
  });

  routes.delete("/waitlist_entries/:id", (call) => {
    const { id } = find(world, call);
    world.state.waitlist.drop(id);
    return call.json(deletedJson("waitlist_entry", id));
  });

  return routes;
}

function find(world: World, call: Call) {
  const id = call.req.param("id") ?? "";
  const entry = world.state.waitlist.get(id);
  if (!entry) throw notFound("waitlist entry", id);
  return entry;
}
