// Serves organizations to their members. Every operation checks the member's permissions here, even if Clerk's components hide
// the operation from members without the permission.

import { Hono } from "hono";
import { z } from "zod";
import { requireEmailAddress } from "../authentication/formats";
import type { ClerkContext } from "../context";
import { notFound, paramMissing, refusal } from "../errors";
import { defaultRole } from "../instance/roles";
import { adminDeleteOff } from "../organizations/errors";
import { invite, revokeInvitation } from "../organizations/invitations";
import {
  createMembership,
  createOrganization,
  deleteOrganization,
  findMembership,
  removeMembership,
  updateMembership,
  updateOrganization,
} from "../organizations/organizations";
import { invitationForClient, invitationStatus } from "../resources/invitation";
import { deletedJson, pageJson } from "../resources/lists";
import { membershipForClient } from "../resources/membership";
import { organizationForClient } from "../resources/organization";
import { displayName, primaryEmail } from "../resources/public-user";
import { roleJson } from "../resources/role";
import type { UserRecord } from "../store/records";
import { type Call, currentUser, type FapiEnv, readForm, reply, requireOrganization } from "./call";
import { list, name, text } from "./form";
import { readPage } from "./pagination";

const readMembers = "org:sys_memberships:read";
const manageMembers = "org:sys_memberships:manage";
const manageProfile = "org:sys_profile:manage";
const deleteProfile = "org:sys_profile:delete";

const details = z.object({ name, slug: text });
const invitees = z.object({ email_address: list, role: text });

/** Clerk does not publish its code for a reached limit. Here it is the code for a user who may create none. */
function mayCreateOrganization({ state }: ClerkContext, user: UserRecord): boolean {
  const { createOrganizationEnabled, createOrganizationsLimit: limit } = user;
  if (!limit) return createOrganizationEnabled;
  const created = state.membershipsByUser
    .all(user.id)
    .filter((each) => state.organizations.get(each.organizationId)?.createdBy === user.id);
  return createOrganizationEnabled && created.length < limit;
}

export function organizationRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.post("/organizations", (call) => {
    const user = currentUser(context, call);
    const { name, slug } = readForm(call, details);
    if (!name) throw paramMissing("name");
    if (!mayCreateOrganization(context, user)) {
      const message = "You are not allowed to create organizations";
      throw refusal(403, "user_create_organization_not_enabled", message);
    }
    const given = { name, createdBy: user.id, ...(slug ? { slug } : {}) };
    return reply(context, call, organizationForClient(context, createOrganization(context, given)));
  });

  routes.get("/organizations/:organizationId", (call) => {
    const { organization } = requireOrganization(context, call);
    return reply(context, call, organizationForClient(context, organization));
  });

  routes.patch("/organizations/:organizationId", (call) => {
    const { organization } = requireOrganization(context, call, manageProfile);
    const { name, slug } = readForm(call, details);
    const patch = { ...(name ? { name } : {}), ...(slug ? { slug } : {}) };
    const updated = updateOrganization(context, organization, patch);
    return reply(context, call, organizationForClient(context, updated));
  });

  routes.delete("/organizations/:organizationId", (call) => {
    const { organization } = requireOrganization(context, call, deleteProfile);
    if (!organization.adminDeleteEnabled) throw adminDeleteOff();
    deleteOrganization(context, organization);
    return reply(context, call, deletedJson("organization", organization.id));
  });

  // The local Clerk cannot create enterprise connections, so an organization has none.
  routes.get("/organizations/:organizationId/enterprise_connections", (call) => {
    requireOrganization(context, call);
    return reply(context, call, []);
  });

  routes.get("/organizations/:organizationId/roles", (call) => {
    requireOrganization(context, call);
    const roles = [...context.state.roles.all()];
    const data = readPage(call, roles).map((role) => roleJson(context, role));
    const page = { ...pageJson(data, roles.length), has_role_set_migration: false };
    return reply(context, call, page);
  });

  return routes.route("/", membershipRoutes(context)).route("/", invitationRoutes(context));
}

function membershipRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();
  const base = "/organizations/:organizationId/memberships";

  routes.get(base, (call) => {
    const { organization } = requireOrganization(context, call, readMembers);
    const wantedRoles = call.req.queries("role") ?? call.req.queries("role[]");
    const query = call.req.query("query")?.toLowerCase();
    const found = context.state.membershipsByOrganization
      .all(organization.id)
      .reverse()
      .filter((each) => !wantedRoles || wantedRoles.includes(each.role))
      .filter((each) => !query || searchable(context, each.userId).includes(query));
    const page = readPage(call, found).map((each) => membershipForClient(context, each));
    const isPaginated = call.req.query("paginated") === "true";
    return reply(context, call, isPaginated ? pageJson(page, found.length) : page);
  });

  routes.post(base, (call) => {
    const { organization } = requireOrganization(context, call, manageMembers);
    const form = z.object({ user_id: text, role: text });
    const { user_id: userId, role = defaultRole } = readForm(call, form);
    if (!userId) throw paramMissing("user_id");
    const membership = createMembership(context, organization, { userId, role });
    return reply(context, call, membershipForClient(context, membership));
  });

  routes.patch(`${base}/:userId`, (call) => {
    requireOrganization(context, call, manageMembers);
    const { role } = readForm(call, z.object({ role: text }));
    if (!role) throw paramMissing("role");
    const updated = updateMembership(context, member(context, call), { role });
    return reply(context, call, membershipForClient(context, updated));
  });

  routes.delete(`${base}/:userId`, (call) => {
    const { user } = requireOrganization(context, call);
    const membership = member(context, call);
    if (membership.userId !== user.id) requireOrganization(context, call, manageMembers);
    const last = membershipForClient(context, membership);
    removeMembership(context, membership);
    return reply(context, call, last);
  });

  return routes;
}

function member(context: ClerkContext, call: Call) {
  const organizationId = call.req.param("organizationId") ?? "";
  const userId = call.req.param("userId") ?? "";
  const membership = findMembership(context, organizationId, userId);
  if (!membership) throw notFound("membership", userId);
  return membership;
}

function searchable(context: ClerkContext, userId: string): string {
  const user = context.state.users.get(userId);
  if (!user) return userId;
  return [displayName(user), user.username, primaryEmail(user)?.address, userId]
    .join(" ")
    .toLowerCase();
}

function invitationRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();
  const base = "/organizations/:organizationId/invitations";

  routes.on("GET", [base, `${base}/pending`], (call) => {
    const { organization } = requireOrganization(context, call, manageMembers);
    const statuses = call.req.queries("status") ?? ["pending"];
    const found = context.state.invitationsByOrganization
      .all(organization.id)
      .reverse()
      .filter((each) => statuses.includes(invitationStatus(context, each)));
    return reply(
      context,
      call,
      pageJson(
        readPage(call, found).map((each) => invitationForClient(context, each)),
        found.length,
      ),
    );
  });

  for (const path of [base, `${base}/bulk`]) {
    routes.post(path, (call) => {
      const { organization, user } = requireOrganization(context, call, manageMembers);
      const { email_address: addresses, role = defaultRole } = readForm(call, invitees);
      const made = context.state.change(() =>
        addresses.map((each) => {
          const emailAddress = requireEmailAddress(each);
          return invite(context, organization, { emailAddress, role, inviterId: user.id });
        }),
      );
      const [first] = made;
      if (!first) throw paramMissing("email_address");
      const isBulk = path !== base;
      const json = isBulk
        ? made.map((each) => invitationForClient(context, each))
        : invitationForClient(context, first);
      return reply(context, call, json);
    });
  }

  routes.post(`${base}/:invitationId/revoke`, (call) => {
    const { organization } = requireOrganization(context, call, manageMembers);
    const id = call.req.param("invitationId");
    const invitation = context.state.invitations.get(id);
    if (invitation?.organizationId !== organization.id) throw notFound("invitation", id);
    return reply(
      context,
      call,
      invitationForClient(context, revokeInvitation(context, invitation)),
    );
  });

  return routes;
}
