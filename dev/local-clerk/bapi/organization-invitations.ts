// The Backend API's operations on invitations to organizations.

import { Hono } from "hono";
import { z } from "zod";
import { requireEmailAddress } from "../authentication/formats";
import type { ClerkContext } from "../context";
import { notFound } from "../errors";
import { invite, revokeInvitation } from "../organizations/invitations";
import {
  invitationForServer,
  invitationStatus,
  invitationWithOrganization,
} from "../resources/invitation";
import { pageJson } from "../resources/lists";
import type { InvitationRecord } from "../store/records";
import {
  type BapiEnv,
  type Call,
  ids,
  metadata,
  pageFields,
  readBody,
  readQuery,
  requireOrganization,
  requireUser,
  sorted,
  word,
} from "./call";

const creation = z.object({
  email_address: z.string(),
  role: z.string(),
  inviter_user_id: z.string().nullish(),
  public_metadata: metadata.nullish(),
  private_metadata: metadata.nullish(),
  redirect_url: z.url().nullish(),
  expires_in_days: z.number().int().min(1).max(365).nullish(),
  notify: z.boolean().nullish(),
});
const revocation = z.object({ requesting_user_id: z.string().nullish() });
const wholeListing = z.object({ ...pageFields, status: ids, query: word, order_by: word });
const listing = z.object({ ...pageFields, status: ids, email_address: word, order_by: word });

export function organizationInvitationRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();
  const base = "/organizations/:organizationId/invitations";

  routes.get("/organization_invitations", (call) => {
    const {
      limit,
      offset,
      order_by = "-created_at",
      status,
      query,
    } = readQuery(call, wholeListing);
    const found = withStatus(context, [...context.state.invitations.all()], status).filter(
      (each) => !query || each.emailAddress.includes(query.toLowerCase()),
    );
    const page = ordered(found, order_by).slice(offset, offset + limit);
    const data = page.map((each) => invitationWithOrganization(context, each));
    return call.json(pageJson(data, found.length));
  });

  routes.get("/users/:userId/organization_invitations", (call) => {
    const form = z.object({ ...pageFields, status: ids });
    const { limit, offset, status } = readQuery(call, form);
    const all = requireUser(context, call)
      .emails.flatMap((email) => context.state.invitationsByEmail.all(email.address))
      .reverse();
    const found = withStatus(context, all, status);
    const page = found.slice(offset, offset + limit);
    const data = page.map((each) => invitationWithOrganization(context, each));
    return call.json(pageJson(data, found.length));
  });

  for (const path of [base, `${base}/pending`]) {
    routes.get(path, (call) => {
      const {
        limit,
        offset,
        order_by = "-created_at",
        status,
        email_address,
      } = readQuery(call, listing);
      const organization = requireOrganization(context, call);
      const wanted = path === base ? status : ["pending"];
      const all = context.state.invitationsByOrganization.all(organization.id);
      const found = withStatus(context, all, wanted).filter(
        (each) => !email_address || each.emailAddress === email_address.toLowerCase(),
      );
      const page = ordered(found, order_by).slice(offset, offset + limit);
      return call.json(
        pageJson(
          page.map((each) => invitationForServer(context, each)),
          found.length,
        ),
      );
    });
  }

  routes.post(base, (call) => {
    const organization = requireOrganization(context, call);
    const invitation = invite(
      context,
      organization,
      newInvitation(context, readBody(call, creation)),
    );
    return call.json(invitationForServer(context, invitation));
  });

  routes.post(`${base}/bulk`, (call) => {
    const organization = requireOrganization(context, call);
    const given = readBody(call, z.array(creation).min(1).max(10));
    const made = context.state.change(() =>
      given.map((each) => invite(context, organization, newInvitation(context, each))),
    );
    return call.json(
      pageJson(
        made.map((each) => invitationForServer(context, each)),
        made.length,
      ),
    );
  });

  routes.get(`${base}/:invitationId`, (call) =>
    call.json(invitationForServer(context, find(context, call))),
  );

  routes.post(`${base}/:invitationId/revoke`, (call) => {
    const invitation = find(context, call);
    readBody(call, revocation);
    return call.json(invitationForServer(context, revokeInvitation(context, invitation)));
  });

  return routes;
}

function newInvitation(context: ClerkContext, given: z.infer<typeof creation>) {
  const { inviter_user_id: inviterId } = given;
  if (inviterId && !context.state.users.get(inviterId)) throw notFound("user", inviterId);
  return {
    emailAddress: requireEmailAddress(given.email_address),
    role: given.role,
    inviterId: inviterId ?? null,
    publicMetadata: given.public_metadata ?? {},
    privateMetadata: given.private_metadata ?? {},
    redirectUrl: given.redirect_url ?? null,
    expiresInDays: given.expires_in_days ?? 30,
    isNotified: given.notify ?? true,
  };
}

function withStatus(
  context: ClerkContext,
  list: InvitationRecord[],
  statuses: string[] | undefined,
) {
  if (!statuses) return list;
  return list.filter((each) => statuses.includes(invitationStatus(context, each)));
}

function ordered(list: InvitationRecord[], orderBy: string): InvitationRecord[] {
  return sorted(list, orderBy, {
    created_at: (each) => each.createdAt,
    email_address: (each) => each.emailAddress,
  });
}

function find(context: ClerkContext, call: Call): InvitationRecord {
  const organization = requireOrganization(context, call);
  const id = call.req.param("invitationId") ?? "";
  const invitation = context.state.invitations.get(id);
  if (invitation?.organizationId !== organization.id) throw notFound("invitation", id);
  return invitation;
}
