// How an organization grows: domains and what they bring, requests to join, invitations as the invited
// sees them.

import { Hono } from "hono";
import { z } from "zod";
import { keepImage, readUpload } from "../accounts/images";
import { requireEmailAddress } from "../authentication/formats";
import type { World } from "../context";
import { notFound, paramMissing } from "../errors";
import {
  acceptSuggestion,
  attemptAffiliation,
  createDomain,
  deleteDomain,
  prepareAffiliation,
  settleRequest,
  updateDomain,
  withdrawPending,
} from "../organizations/domains";
import { acceptInvitation, pendingInvitationsFor } from "../organizations/invitations";
import { updateOrganization } from "../organizations/organizations";
import { domainJson, membershipRequestJson, suggestionJson } from "../resources/domain";
import { invitationForInvited } from "../resources/invitation";
import { deletedJson, pageJson } from "../resources/lists";
import { organizationForClient } from "../resources/organization";
import type { OrganizationDomainRecord } from "../store/records-instance";
import { type Call, currentUser, type FapiEnv, readForm, reply, requireOrganization } from "./call";
import { flag, text } from "./form";
import { readPage } from "./pagination";

const readDomains = "org:sys_domains:read";
const manageDomains = "org:sys_domains:manage";
const manageMembers = "org:sys_memberships:manage";
const manageProfile = "org:sys_profile:manage";
const mode = z.enum(["manual_invitation", "automatic_invitation", "automatic_suggestion"]);
const base = "/organizations/:organizationId";

export function organizationGrowthRoutes(world: World) {
  const routes = new Hono<FapiEnv>();

  routes.get("/me/organization_invitations", (call) => {
    const found = pendingInvitationsFor(world, currentUser(world, call));
    const page = readPage(call, found).map((each) => invitationForInvited(world, each));
    return reply(world, call, pageJson(page, found.length));
  });

  routes.post("/me/organization_invitations/:id/accept", (call) => {
    const user = currentUser(world, call);
    const { id } = call.req.param();
    const invitation = pendingInvitationsFor(world, user).find((each) => each.id === id);
    if (!invitation) throw notFound("invitation", id);
    acceptInvitation(world, invitation, user);
    const accepted = world.state.invitations.get(id) ?? invitation;
    return reply(world, call, invitationForInvited(world, accepted));
  });

  routes.get("/me/organization_suggestions", (call) => {
    const found = world.state.suggestionsByUser
      .all(currentUser(world, call).id)
      .filter((each) => each.status !== "completed");
    const page = readPage(call, found).map((each) => suggestionJson(world, each));
    return reply(world, call, pageJson(page, found.length));
  });

  routes.post("/me/organization_suggestions/:id/accept", (call) => {
    const { id } = call.req.param();
    const suggestion = world.state.suggestions.get(id);
    if (suggestion?.userId !== currentUser(world, call).id) throw notFound("suggestion", id);
    return reply(world, call, suggestionJson(world, acceptSuggestion(world, suggestion)));
  });

  routes.get(`${base}/membership_requests`, (call) => {
    const { organization } = requireOrganization(world, call, manageMembers);
    const found = world.state.suggestionsByOrganization
      .all(organization.id)
      .filter((each) => each.requestStatus === "pending");
    const page = readPage(call, found).map((each) => membershipRequestJson(world, each));
    return reply(world, call, pageJson(page, found.length));
  });

  for (const [action, status] of [
    ["accept", "accepted"],
    ["reject", "rejected"],
  ] as const) {
    routes.post(`${base}/membership_requests/:id/${action}`, (call) => {
      const { organization } = requireOrganization(world, call, manageMembers);
      const id = call.req.param("id");
      const request = world.state.suggestions.get(id);
      if (request?.organizationId !== organization.id) throw notFound("membership request", id);
      const settled = settleRequest(world, request, status);
      return reply(world, call, membershipRequestJson(world, settled));
    });
  }

  routes.on(["PUT", "DELETE"], `${base}/logo`, async (call) => {
    const upload = call.req.method === "PUT" ? await readUpload(call.req.raw) : null;
    const { organization } = requireOrganization(world, call, manageProfile);
    const imageId = upload ? keepImage(world, upload) : null;
    const updated = updateOrganization(world, organization, { imageId });
    const gone = deletedJson("organization", organization.id);
    return reply(world, call, upload ? organizationForClient(world, updated) : gone);
  });

  return routes.route("/", domainRoutes(world));
}

function domainRoutes(world: World) {
  const routes = new Hono<FapiEnv>();
  const domains = `${base}/domains`;

  routes.get(domains, (call) => {
    const { organization } = requireOrganization(world, call, readDomains);
    const found = world.state.domainsByOrganization.all(organization.id);
    const page = readPage(call, found).map((each) => domainJson(world, each));
    return reply(world, call, pageJson(page, found.length));
  });

  routes.post(domains, (call) => {
    const { organization } = requireOrganization(world, call, manageDomains);
    const { name } = readForm(call, z.object({ name: text }));
    if (!name) throw paramMissing("name");
    const wanted = { name, enrollmentMode: "manual_invitation", isVerified: false } as const;
    return reply(world, call, domainJson(world, createDomain(world, organization, wanted)));
  });

  routes.get(`${domains}/:domainId`, (call) =>
    reply(world, call, domainJson(world, find(world, call, readDomains))),
  );

  routes.post(`${domains}/:domainId/prepare_affiliation_verification`, (call) => {
    const domain = find(world, call, manageDomains);
    const form = z.object({ affiliation_email_address: text });
    const { affiliation_email_address: address } = readForm(call, form);
    if (!address) throw paramMissing("affiliation_email_address");
    const prepared = prepareAffiliation(world, domain, requireEmailAddress(address));
    return reply(world, call, domainJson(world, prepared));
  });

  routes.post(`${domains}/:domainId/attempt_affiliation_verification`, (call) => {
    const domain = find(world, call, manageDomains);
    const { code } = readForm(call, z.object({ code: text }));
    if (!code) throw paramMissing("code");
    return reply(world, call, domainJson(world, attemptAffiliation(world, domain, code)));
  });

  routes.post(`${domains}/:domainId/update_enrollment_mode`, (call) => {
    const domain = find(world, call, manageDomains);
    const form = z.object({ enrollment_mode: mode, delete_pending: flag });
    const { enrollment_mode: enrollmentMode, delete_pending } = readForm(call, form);
    const updated = world.state.change(() => {
      if (delete_pending) withdrawPending(world, domain);
      return updateDomain(world, domain, { enrollmentMode });
    });
    return reply(world, call, domainJson(world, updated));
  });

  routes.delete(`${domains}/:domainId`, (call) => {
    const domain = find(world, call, manageDomains);
    deleteDomain(world, domain);
    return reply(world, call, deletedJson("organization_domain", domain.id));
  });

  return routes;
}

function find(world: World, call: Call, permission: string): OrganizationDomainRecord {
  const { organization } = requireOrganization(world, call, permission);
  const id = call.req.param("domainId") ?? "";
  const domain = world.state.organizationDomains.get(id);
  if (domain?.organizationId !== organization.id) throw notFound("domain", id);
  return domain;
}
