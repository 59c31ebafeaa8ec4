// The Backend API's operations on invitations to the application and on the waitlist.

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
import type { ClerkContext } from "../context";
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

function isSelected(
  filter: { status?: string | undefined; query?: string | undefined },
  { id, emailAddress }: { id: string; emailAddress: string },
  status: string,
): boolean {
  const text = `${id} ${emailAddress}`.toLowerCase();
  return (
    (!filter.status || status === filter.status) &&
    (!filter.query || text.includes(filter.query.toLowerCase()))
  );
}

function newInvitation(given: z.infer<typeof creation>) {
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

export function appInvitationRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();

  routes.post("/invitations", (call) => {
    const invitation = inviteToApp(context, newInvitation(readBody(call, creation)));
    return call.json(appInvitationJson(context, invitation));
  });

  routes.post("/invitations/bulk", (call) => {
    const given = readBody(call, z.array(creation).min(1).max(10));
    const made = context.state.change(() =>
      given.map((each) => inviteToApp(context, newInvitation(each))),
    );
    return call.json(made.map((each) => appInvitationJson(context, each)));
  });

  routes.get("/invitations", (call) => {
    const {
      limit,
      offset,
      paginated,
      order_by = "-created_at",
      ...filter
    } = readQuery(call, listing);
    const found = [...context.state.appInvitations.all()].filter((each) =>
      isSelected(filter, each, invitationStatus(context, each)),
    );
    const ordered = sorted(found, order_by, {
      created_at: (each) => each.createdAt,
      email_address: (each) => each.emailAddress,
      expires_at: (each) => each.expiresAt,
    });
    const page = ordered
      .slice(offset, offset + limit)
      .map((each) => appInvitationJson(context, each));
    return call.json(paginated === "true" ? pageJson(page, found.length) : page);
  });

  routes.post("/invitations/:id/revoke", (call) => {
    readBody(call, nothing);
    const { id } = call.req.param();
    const invitation = context.state.appInvitations.get(id);
    if (!invitation) throw notFound("invitation", id);
    return call.json(appInvitationJson(context, revokeAppInvitation(context, invitation)));
  });

  return routes.route("/", waitlistRoutes(context));
}

function waitlistRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();
  const entry = z.object({ email_address: z.string(), notify: z.boolean().nullish() });
  const join = ({ email_address, notify }: z.infer<typeof entry>) =>
    joinWaitlist(context, requireEmailAddress(email_address), { isNotified: notify ?? true });

  routes.get("/waitlist_entries", (call) => {
    const { limit, offset, order_by = "-created_at", ...filter } = readQuery(call, listing);
    const found = [...context.state.waitlist.all()].filter((each) =>
      isSelected(filter, each, each.status),
    );
    const ordered = sorted(found, order_by, {
      created_at: (each) => each.createdAt,
      email_address: (each) => each.emailAddress,
      invited_at: (each) => (each.invitationId ? each.updatedAt : 0),
    });
    const page = ordered
      .slice(offset, offset + limit)
      .map((each) => waitlistEntryJson(context, each));
    return call.json(pageJson(page, found.length));
  });

  routes.post("/waitlist_entries", (call) =>
    call.json(waitlistEntryJson(context, join(readBody(call, entry)))),
  );

  routes.post("/waitlist_entries/bulk", (call) => {
    const given = readBody(call, z.array(entry).min(1).max(50));
    const made = context.state.change(() => given.map(join));
    return call.json(made.map((each) => waitlistEntryJson(context, each)));
  });

  routes.post("/waitlist_entries/:id/invite", (call) => {
    const waiting = find(context, call);
    const given = readBody(call, z.object({ ignore_existing: z.boolean().nullish() }));
    const ignoresExisting = given.ignore_existing ?? false;
    return call.json(
      waitlistEntryJson(context, inviteFromWaitlist(context, waiting, { ignoresExisting })),
    );
  });

  routes.post("/waitlist_entries/:id/reject", (call) => {
    readBody(call, nothing);
    const rejected = updateEntry(context, find(context, call), { status: "rejected" });
    return call.json(waitlistEntryJson(context, rejected));
  });

  routes.delete("/waitlist_entries/:id", (call) => {
    const { id } = find(context, call);
    context.state.waitlist.drop(id);
    return call.json(deletedJson("waitlist_entry", id));
  });

  return routes;
}

function find(context: ClerkContext, call: Call) {
  const id = call.req.param("id") ?? "";
  const entry = context.state.waitlist.get(id);
  if (!entry) throw notFound("waitlist entry", id);
  return entry;
}
