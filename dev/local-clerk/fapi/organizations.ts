// Organizations as their members see and run them. What a role may not do is refused here, whatever the
// page shows.

import { Hono } from "hono";
import { z } from "zod";
import { requireEmailAddress } from "../authentication/formats";
import type { World } from "../context";
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
import { type Call, currentUser, type FapiEnv, readForm, reply, requireOrganization } from "./call";
import { list, name, text } from "./form";
import { readPage } from "./pagination";

const readMembers = "org:sys_memberships:read";
const manageMembers = "org:sys_memberships:manage";
const manageProfile = "org:sys_profile:manage";
const deleteProfile = "org:sys_profile:delete";

const details = z.object({ name, slug: text });
const invitees = z.object({ email_address: list, role: text });

export function organizationRoutes(world: World) {
  const routes = new Hono<FapiEnv>();

  routes.post("/organizations", (call) => {
    const user = currentUser(world, call);
    const { name, slug } = readForm(call, details);
    if (!name) throw paramMissing("name");
    if (!user.createOrganizationEnabled) {
      const message = "You are not allowed to create organizations";
      throw refusal(403, "user_create_organization_not_enabled", message);
    }
    const given = { name, createdBy: user.id, ...(slug ? { slug } : {}) };
    return reply(world, call, organizationForClient(world, createOrganization(world, given)));
  });

  routes.get("/organizations/:organizationId", (call) => {
    const { organization } = requireOrganization(world, call);
    return reply(world, call, organizationForClient(world, organization));
  });

  routes.patch("/organizations/:organizationId", (call) => {
    const { organization } = requireOrganization(world, call, manageProfile);
    const { name, slug } = readForm(call, details);
    const patch = { ...(name ? { name } : {}), ...(slug ? { slug } : {}) };
    const updated = updateOrganization(world, organization, patch);
    return reply(world, call, organizationForClient(world, updated));
  });

  routes.delete("/organizations/:organizationId", (call) => {
    const { organization } = requireOrganization(world, call, deleteProfile);
    if (!organization.adminDeleteEnabled) throw adminDeleteOff();
    deleteOrganization(world, organization);
    return reply(world, call, deletedJson("organization", organization.id));
  });

  routes.get("/organizations/:organizationId/roles", (call) => {
    requireOrganization(world, call);
    const roles = [...world.state.roles.all()];
    const data = readPage(call, roles).map((role) => roleJson(world, role));
    const page = { ...pageJson(data, roles.length), has_role_set_migration: false };
    return reply(world, call, page);
  });

  return routes.route("/", membershipRoutes(world)).route("/", invitationRoutes(world));
}

function membershipRoutes(world: World) {
  const routes = new Hono<FapiEnv>();
  const base = "/organizations/:organizationId/memberships";

  routes.get(base, (call) => {
    const { organization } = requireOrganization(world, call, readMembers);
    const wantedRoles = call.req.queries("role") ?? call.req.queries("role[]");
    const query = call.req.query("query")?.toLowerCase();
    const found = world.state.membershipsByOrganization
      .all(organization.id)
      .reverse()
      .filter((each) => !wantedRoles || wantedRoles.includes(each.role))
      .filter((each) => !query || searchable(world, each.userId).includes(query));
    const page = readPage(call, found).map((each) => membershipForClient(world, each));
    const isPaginated = call.req.query("paginated") === "true";
    return reply(world, call, isPaginated ? pageJson(page, found.length) : page);
  });

  routes.post(base, (call) => {
    const { organization } = requireOrganization(world, call, manageMembers);
    const form = z.object({ user_id: text, role: text });
    const { user_id: userId, role = defaultRole } = readForm(call, form);
    if (!userId) throw paramMissing("user_id");
    const membership = createMembership(world, organization, { userId, role });
    return reply(world, call, membershipForClient(world, membership));
  });

  routes.patch(`${base}/:userId`, (call) => {
    requireOrganization(world, call, manageMembers);
    const { role } = readForm(call, z.object({ role: text }));
    if (!role) throw paramMissing("role");
    const updated = updateMembership(world, member(world, call), { role });
    return reply(world, call, membershipForClient(world, updated));
  });

  routes.delete(`${base}/:userId`, (call) => {
    const { user } = requireOrganization(world, call);
    const membership = member(world, call);
    if (membership.userId !== user.id) requireOrganization(world, call, manageMembers);
    const last = membershipForClient(world, membership);
    removeMembership(world, membership);
    return reply(world, call, last);
  });

  return routes;
}

function member(world: World, call: Call) {
  const organizationId = call.req.param("organizationId") ?? "";
  const userId = call.req.param("userId") ?? "";
  const membership = findMembership(world, organizationId, userId);
  if (!membership) throw notFound("membership", userId);
  return membership;
}

function searchable(world: World, userId: string): string {
  const user = world.state.users.get(userId);
  if (!user) return userId;
  return [displayName(user), user.username, primaryEmail(user)?.address, userId]
    .join(" ")
    .toLowerCase();
}

function invitationRoutes(world: World) {
  const routes = new Hono<FapiEnv>();
  const base = "/organizations/:organizationId/invitations";

  routes.on("GET", [base, `${base}/pending`], (call) => {
    const { organization } = requireOrganization(world, call, manageMembers);
    const statuses = call.req.queries("status") ?? ["pending"];
    const found = world.state.invitationsByOrganization
      .all(organization.id)
      .reverse()
      .filter((each) => statuses.includes(invitationStatus(world, each)));
    return reply(
      world,
      call,
      pageJson(
        readPage(call, found).map((each) => invitationForClient(world, each)),
        found.length,
      ),
    );
  });

  for (const path of [base, `${base}/bulk`]) {
    routes.post(path, (call) => {
      const { organization, user } = requireOrganization(world, call, manageMembers);
      const { email_address: addresses, role = defaultRole } = readForm(call, invitees);
      const made = world.state.change(() =>
        addresses.map((each) => {
          const emailAddress = requireEmailAddress(each);
          return invite(world, organization, { emailAddress, role, inviterId: user.id });
        }),
      );
      const [first] = made;
      if (!first) throw paramMissing("email_address");
      const isBulk = path !== base;
      const json = isBulk
        ? made.map((each) => invitationForClient(world, each))
        : invitationForClient(world, first);
      return reply(world, call, json);
    });
  }

  routes.post(`${base}/:invitationId/revoke`, (call) => {
    const { organization } = requireOrganization(world, call, manageMembers);
    const id = call.req.param("invitationId");
    const invitation = world.state.invitations.get(id);
    if (invitation?.organizationId !== organization.id) throw notFound("invitation", id);
    return reply(world, call, invitationForClient(world, revokeInvitation(world, invitation)));
  });

  return routes;
}
